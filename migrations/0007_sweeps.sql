-- What the sweeps did, and which of them an operator has stopped.

-- A row is a pause. Not Quartz's own: its triggers are written anew at each start, and a start must not end what an operator asked for.
CREATE TABLE orchestrator.sweep_pause (
    sweep     text PRIMARY KEY,
    paused_at timestamptz NOT NULL,
    reason    text
);

CREATE TABLE orchestrator.sweep_run (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sweep      text NOT NULL,
    node       uuid NOT NULL,
    node_name  text NOT NULL,
    by_hand    boolean NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at   timestamptz,
    outcome    text,
    done       jsonb NOT NULL DEFAULT '{}',   -- what, how often; nothing if there was nothing to do
    errors     text[] NOT NULL DEFAULT '{}',
    -- lost: its node died or was stopped from recording the end; the next run of the sweep says so.
    CONSTRAINT ck_sweep_run_outcome CHECK (outcome IN ('done', 'failed', 'stopped', 'lost')),
    CONSTRAINT ck_sweep_run_ended CHECK ((ended_at IS NULL) = (outcome IS NULL))
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
CREATE INDEX ix_sweep_run ON orchestrator.sweep_run (sweep, id);
