-- Failures told apart, each with its own budget; breakers; external processes; what the reaper sees and decides.

-- transient_attempts: failures of what the work needs, not of the work. losses: runs that went down with their node or process.
-- Each budget is charged by its own class only.
ALTER TABLE orchestrator.job
    ADD COLUMN transient_attempts int NOT NULL DEFAULT 0,
    ADD COLUMN failure            text,         -- class of the last failure; null if none, or if it ended well
    ADD COLUMN held_for           text,         -- what a held job waits for: decides who may release it
    ADD COLUMN process_run        bigint,       -- run under which its external process was started: the name of the run folder
    ADD COLUMN log_run            bigint,       -- run folder of its last external process, and the host that has it
    ADD COLUMN log_host           text,
    ADD COLUMN obstacle           text,         -- named obstacle that dispatch met; the job stands aside until it is gone
    ADD COLUMN obstacle_since     timestamptz;

UPDATE orchestrator.job SET held_for = 'Lost', failure = 'Lost' WHERE state = 'Held';

ALTER TABLE orchestrator.job
    ADD CONSTRAINT ck_job_failure CHECK (failure IN ('Work', 'Transient', 'RateLimited', 'Environment', 'Account', 'Lost')),
    ADD CONSTRAINT ck_job_held_for CHECK (held_for IN ('Environment', 'Account', 'Transient', 'Lost')),
    -- Who waits for a person or a recovery says for what; who does not wait says nothing.
    ADD CONSTRAINT ck_job_held CHECK ((state = 'Held') = (held_for IS NOT NULL)),
    ADD CONSTRAINT ck_job_transient_attempts CHECK (transient_attempts >= 0),
    ADD CONSTRAINT ck_job_obstacle CHECK ((obstacle IS NULL) = (obstacle_since IS NULL) AND (obstacle IS NULL OR state = 'Queued')),
    -- An external process belongs to a run. Once spawned, the owner's pid is the process's and not the service's.
    ADD CONSTRAINT ck_job_process CHECK (process_run IS NULL OR (state NOT IN ('Queued', 'Held') AND owner_pid IS NOT NULL)),
    DROP CONSTRAINT ck_job_queued_has_no_owner,
    ADD CONSTRAINT ck_job_queued_has_no_owner CHECK (state <> 'Queued' OR
        (run_id IS NULL AND owner_node IS NULL AND owner_host IS NULL AND owner_pid IS NULL AND owner_process_start IS NULL
         AND started_at IS NULL AND process_run IS NULL));

-- What an obstacle holds is not walked by dispatch again and again.
DROP INDEX orchestrator.ix_job_ready;
CREATE INDEX ix_job_ready ON orchestrator.job (lane, priority DESC, seq)
    WHERE state = 'Queued' AND due AND dispatched_at IS NULL AND obstacle IS NULL;
CREATE INDEX ix_job_obstructed ON orchestrator.job (lane, priority DESC, seq) WHERE state = 'Queued' AND obstacle IS NOT NULL;
CREATE INDEX ix_job_held ON orchestrator.job (lane, held_for) WHERE state = 'Held';
CREATE INDEX ix_job_host ON orchestrator.job (owner_host) WHERE state IN ('Running', 'Finalizing');

-- Always empty: lets the sanitizer look at nothing but what it has to heal, in a table whose constraint somebody dropped.
CREATE INDEX ix_job_impossible ON orchestrator.job (id)
    WHERE state = 'Queued' AND (run_id IS NOT NULL OR owner_node IS NOT NULL OR owner_host IS NOT NULL OR owner_pid IS NOT NULL
        OR owner_process_start IS NOT NULL OR started_at IS NOT NULL OR process_run IS NOT NULL);

-- Lanes that work with one account share its breaker: a rate limit belongs to the account, not to a job.
ALTER TABLE orchestrator.lane ADD COLUMN credential text;

-- No row is the same as a closed breaker that has seen nothing. Shared by all nodes; a restart neither forgets nor floods.
CREATE TABLE orchestrator.breaker (
    scope     text NOT NULL CHECK (scope IN ('Lane', 'Credential')),
    name      text NOT NULL,
    state     text NOT NULL CHECK (state IN ('Closed', 'Open', 'HalfOpen')),
    in_a_row  int NOT NULL DEFAULT 0 CHECK (in_a_row >= 0),  -- failures since the last outcome that was none
    openings  int NOT NULL DEFAULT 0 CHECK (openings >= 0),  -- since it was last closed: each pause is longer
    opened_at timestamptz,
    until     timestamptz,                                   -- from then on one job may try; null while closed
    reason    text,
    probe_job uuid,                                          -- the one job that may try
    PRIMARY KEY (scope, name),
    CONSTRAINT ck_breaker_open CHECK ((state = 'Closed') = (opened_at IS NULL) AND (opened_at IS NULL) = (until IS NULL)),
    CONSTRAINT ck_breaker_probe CHECK ((state = 'HalfOpen') = (probe_job IS NOT NULL))
);

-- Is what a lane needs there, on each host that works in it?
CREATE TABLE orchestrator.preflight (
    lane       text NOT NULL,
    host       text NOT NULL,
    ok         boolean NOT NULL,
    since      timestamptz NOT NULL,   -- when ok last changed
    checked_at timestamptz NOT NULL,
    detail     text NOT NULL,          -- path and version, or what is wrong and what to do
    PRIMARY KEY (lane, host)
);

-- What the host of a run saw of its process. The reaper judges by this and by leases, never by a pid of its own machine.
CREATE TABLE orchestrator.run_evidence (
    job_id            uuid PRIMARY KEY,
    run_id            bigint NOT NULL,
    host              text NOT NULL,
    seen_at           timestamptz NOT NULL,
    dead_ticks        int NOT NULL DEFAULT 0,  -- looks in a row that found the process dead and no exit code
    exit_code         int,
    exit_seen_at      timestamptz,
    outcome           jsonb,                   -- the exit, classified by the host that has the log
    finalizing_until  timestamptz,             -- renewed by a live monitor while it finalizes
    stop_monitor_at   timestamptz,             -- the hard cap: the monitor is to give up
    CONSTRAINT ck_evidence_exit CHECK ((exit_code IS NULL) = (exit_seen_at IS NULL))
);

-- Why was this reaped? Every verdict that led to an act, with its evidence, and whether the act won.
CREATE TABLE orchestrator.reaper_journal (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    job_id   uuid NOT NULL,
    run_id   bigint NOT NULL,
    verdict  text NOT NULL,
    reason   text NOT NULL,
    evidence jsonb NOT NULL,
    won      boolean NOT NULL,         -- false: somebody else ended the run first, and nothing was done
    by_node  uuid NOT NULL
);
CREATE INDEX ix_reaper_journal_job ON orchestrator.reaper_journal (job_id);
CREATE INDEX ix_reaper_journal_at ON orchestrator.reaper_journal (at);

-- Several installations may share a machine: their run folders must not be taken for each other's.
CREATE TABLE orchestrator.installation (
    id   uuid NOT NULL DEFAULT gen_random_uuid(),
    one  boolean PRIMARY KEY DEFAULT true CHECK (one)
);
INSERT INTO orchestrator.installation DEFAULT VALUES;
