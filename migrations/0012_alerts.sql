-- What people were told, so that nodes and restarts do not repeat each other; and what is left of tasks that are long ended.

CREATE TABLE orchestrator.alert_told (
    kind    text NOT NULL,
    subject text NOT NULL,
    told_at timestamptz NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX ix_alert_told_old ON orchestrator.alert_told (told_at);

-- How many messages of the queues of dead letters people know of, and since when: only more than that is news.
CREATE TABLE orchestrator.dead_letters (
    queue    text PRIMARY KEY,
    messages bigint NOT NULL CHECK (messages >= 0),
    told_at  timestamptz
);

-- A task that is removed leaves its key for good: the tracker's item may stand in the state of the beginning still, and would become the same work a second time.
CREATE TABLE orchestrator.task_removed (
    external_key text PRIMARY KEY,
    task         uuid NOT NULL,
    ended_at     timestamptz NOT NULL
);
CREATE INDEX ix_task_ended ON orchestrator.task (ended_at) WHERE ended_at IS NOT NULL;
