-- The persistent queue. PostgreSQL holds the truth of every job; messages only wake somebody up.

-- Fencing tokens: every claim takes the next one, so a later run always has the larger number.
CREATE SEQUENCE orchestrator.run_id AS bigint;

-- A lane is a named class of jobs. Settings come from configuration at start; the pause is the operators' and survives it.
CREATE TABLE orchestrator.lane (
    name         text PRIMARY KEY,
    max_running  int CHECK (max_running > 0),   -- over all nodes together; null = no limit
    paused_at    timestamptz,
    pause_reason text
);

CREATE TABLE orchestrator.job (
    id                  uuid PRIMARY KEY,
    seq                 bigint GENERATED ALWAYS AS IDENTITY,  -- order of submission among equals
    lane                text NOT NULL,
    state               text NOT NULL,
    priority            int NOT NULL DEFAULT 0,
    submitted_at        timestamptz NOT NULL,
    available_at        timestamptz NOT NULL,
    due                 boolean NOT NULL,       -- available_at has come; see ix_job_ready
    dispatched_at       timestamptz,            -- a wake-up is on its way
    dispatched_by       uuid,
    run_id              bigint,
    owner_node          uuid,
    owner_host          text,
    owner_pid           int,
    owner_process_start bigint,
    started_at          timestamptz,
    ended_at            timestamptz,
    attempts            int NOT NULL DEFAULT 0,
    max_attempts        int NOT NULL,
    losses              int NOT NULL DEFAULT 0,
    cancel_requested_at timestamptz,
    reason              text,
    dedupe_key          text,
    announce            boolean NOT NULL DEFAULT false,
    payload             jsonb NOT NULL,
    result              jsonb,

    CONSTRAINT ck_job_state CHECK (state IN ('Queued', 'Running', 'Finalizing', 'Held', 'Succeeded', 'Failed', 'Cancelled')),

    -- A queued job once kept its old owner; a process that reused the pid made a phantom of it and the whole queue stood still.
    CONSTRAINT ck_job_queued_has_no_owner CHECK (state <> 'Queued' OR
        (run_id IS NULL AND owner_node IS NULL AND owner_host IS NULL AND owner_pid IS NULL AND owner_process_start IS NULL AND started_at IS NULL)),

    -- What runs has exactly one owner, and a token to fence it with.
    CONSTRAINT ck_job_running_has_owner CHECK (state NOT IN ('Running', 'Finalizing') OR
        (run_id IS NOT NULL AND owner_node IS NOT NULL AND owner_host IS NOT NULL AND started_at IS NOT NULL)),

    CONSTRAINT ck_job_ended_at CHECK ((state IN ('Succeeded', 'Failed', 'Cancelled')) = (ended_at IS NOT NULL)),
    CONSTRAINT ck_job_dispatched_is_queued CHECK (dispatched_at IS NULL OR state = 'Queued'),
    CONSTRAINT ck_job_attempts CHECK (attempts >= 0 AND attempts <= max_attempts AND losses >= 0 AND max_attempts > 0),
    CONSTRAINT ck_job_payload_is_object CHECK (jsonb_typeof(payload) = 'object')
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 2000);

-- A second submission with the same key in the same lane finds the first job.
CREATE UNIQUE INDEX ux_job_dedupe ON orchestrator.job (lane, dedupe_key) WHERE dedupe_key IS NOT NULL;

-- What dispatch walks: ready jobs only, in the order that binds. Far-future jobs stand in ix_job_sleeping instead, so that half
-- a million of them cost a dispatch nothing.
CREATE INDEX ix_job_ready ON orchestrator.job (lane, priority DESC, seq) WHERE state = 'Queued' AND due AND dispatched_at IS NULL;
CREATE INDEX ix_job_sleeping ON orchestrator.job (available_at) WHERE state = 'Queued' AND NOT due;
CREATE INDEX ix_job_dispatched ON orchestrator.job (lane, dispatched_at) WHERE state = 'Queued' AND dispatched_at IS NOT NULL;
CREATE INDEX ix_job_running ON orchestrator.job (lane, owner_node) WHERE state IN ('Running', 'Finalizing');
CREATE UNIQUE INDEX ux_job_seq ON orchestrator.job (seq); -- pages of GET /jobs, newest first

-- A node is one service process. Its lease is the only evidence by which other hosts judge its runs.
CREATE TABLE orchestrator.node (
    id                 uuid PRIMARY KEY,
    host               text NOT NULL,            -- boot id and pid namespace: where its pids mean something
    name               text NOT NULL,            -- for people
    pid                int NOT NULL,
    process_start      bigint,                   -- null = could not be read, which means "can't tell", never "dead"
    started_at         timestamptz NOT NULL,
    renewed_at         timestamptz NOT NULL,     -- the database's clock: one clock for all leases
    lease              interval NOT NULL,
    stale_observations int NOT NULL DEFAULT 0,   -- in a row; reset by each renewal
    dead_at            timestamptz,              -- final: a node that finds itself dead starts a new life under a new id
    dead_reason        text
);
CREATE INDEX ix_node_live ON orchestrator.node (renewed_at) WHERE dead_at IS NULL;
