-- Pieces of delivery work, moved through stages by agents, runners and reserved jobs.

-- step: the fencing token of a stage entered; each entry takes a new one, and whoever drives the task names the step it saw. seq: the place in the
-- repository's serial gate, kept for life, so that a resumed task is where it was.
CREATE TABLE orchestrator.task (
    id           uuid PRIMARY KEY,
    seq          bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    repository   text NOT NULL,
    title        text NOT NULL,
    external_key text,                             -- what the tracker calls it; one task for each
    branch       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('Working', 'Waiting', 'Held', 'Done', 'Failed', 'Cancelled')),
    stage        text NOT NULL,
    step         bigint NOT NULL,
    stage_since  timestamptz NOT NULL,
    job_id       uuid,                             -- the job that works on this step, or did
    look_at      timestamptz,                      -- when its gates are asked again
    retries      int NOT NULL DEFAULT 0 CHECK (retries >= 0),
    max_retries  int NOT NULL CHECK (max_retries >= 0),
    paused_at    timestamptz,
    pause_reason text,
    reason       text,                             -- why it waits, is held or has failed
    note         text,                             -- what who works on the stage next must know: failed tests, a conflict
    pull_request bigint,
    head_sha     text,
    created_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    CONSTRAINT ck_task_working CHECK (state <> 'Working' OR job_id IS NOT NULL),
    CONSTRAINT ck_task_waiting CHECK ((state = 'Waiting') = (look_at IS NOT NULL)),
    CONSTRAINT ck_task_reason CHECK (state NOT IN ('Held', 'Failed') OR reason IS NOT NULL),
    CONSTRAINT ck_task_ended CHECK ((state IN ('Done', 'Failed', 'Cancelled')) = (ended_at IS NOT NULL)),
    CONSTRAINT ck_task_pause CHECK (paused_at IS NULL OR state NOT IN ('Done', 'Failed', 'Cancelled'))
);
CREATE SEQUENCE orchestrator.task_step;
CREATE UNIQUE INDEX ux_task_external_key ON orchestrator.task (external_key) WHERE external_key IS NOT NULL;
-- Two tasks that write one branch would write each other's work.
CREATE UNIQUE INDEX ux_task_branch ON orchestrator.task (repository, branch) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX ux_task_job ON orchestrator.task (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX ix_task_open ON orchestrator.task (repository, seq) WHERE ended_at IS NULL;
CREATE INDEX ix_task_look ON orchestrator.task (look_at) WHERE state = 'Waiting';
CREATE INDEX ix_task_pull_request ON orchestrator.task (repository, pull_request) WHERE pull_request IS NOT NULL;

-- What happened to a task, in order; written with the transition that it tells of.
CREATE TABLE orchestrator.task_event (
    task   uuid NOT NULL REFERENCES orchestrator.task (id) ON DELETE CASCADE,
    seq    bigint GENERATED ALWAYS AS IDENTITY,
    at     timestamptz NOT NULL,
    step   bigint NOT NULL,
    stage  text NOT NULL,
    what   text NOT NULL,
    detail text,
    PRIMARY KEY (task, seq)
);

-- What stages leave behind for gates and for who comes next: read from here by every node, whatever host made it.
CREATE TABLE orchestrator.task_artifact (
    task       uuid NOT NULL REFERENCES orchestrator.task (id) ON DELETE CASCADE,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    step       bigint NOT NULL,
    stage      text NOT NULL,
    content    text NOT NULL CHECK (octet_length(content) <= 1048576),
    written_at timestamptz NOT NULL,
    PRIMARY KEY (task, name)
);

-- A repository with something of its own to say; the name * stands for all. The row is also the lock under which the serial gate is decided.
CREATE TABLE orchestrator.repository (
    name          text PRIMARY KEY,
    frozen_at     timestamptz,
    freeze_reason text
);
