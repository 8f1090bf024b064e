-- The transactional outbox: messages that a transaction causes are committed with it and sent after it.
-- A sent row is deleted, so the table stays small and hot.

CREATE TABLE orchestrator.outbox (
    message_id uuid NOT NULL,
    -- Order of insertion, for a stable sweep. It is not the order of commit, so nobody may rely on it for meaning.
    seq bigint GENERATED ALWAYS AS IDENTITY,
    -- The process that sends this row. A living process holds the advisory lock of the same number;
    -- the rows of a process without it are adopted by another one.
    owner_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    -- Not before this instant: the creation, a requested delay, or the back-off after a failed attempt.
    due_at timestamp with time zone NOT NULL,
    -- Counts failed sends and fresh starts after a crash; it is capped, so that a poisonous row ends in outbox_dead.
    attempts integer NOT NULL,
    destination text NOT NULL,
    content_type text NOT NULL,
    message_type text NOT NULL,
    body text NOT NULL,
    headers text,
    properties text,
    conversation_id uuid,
    correlation_id uuid,
    initiator_id uuid,
    request_id uuid,
    source_address text,
    response_address text,
    fault_address text,
    sent_time timestamp with time zone NOT NULL,
    expiration_time timestamp with time zone,
    CONSTRAINT pk_outbox PRIMARY KEY (message_id)
);

-- The sweep reads one owner's due rows; everything else addresses rows by id.
CREATE INDEX ix_outbox_owner_due ON orchestrator.outbox (owner_id, due_at);

-- Few messages expire, and the sweep looks for them every second.
CREATE INDEX ix_outbox_expiration ON orchestrator.outbox (expiration_time) WHERE expiration_time IS NOT NULL;

-- Rows come and go all the time: clean up early, or the index fills with dead entries.
ALTER TABLE orchestrator.outbox SET (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);

-- What could not be delivered or consumed, whole, with the reason, for a person to judge. Nothing deletes from here by itself.
CREATE TABLE orchestrator.outbox_dead (
    message_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    died_at timestamp with time zone NOT NULL,
    attempts integer NOT NULL,
    reason text NOT NULL,
    destination text NOT NULL,
    content_type text NOT NULL,
    message_type text NOT NULL,
    body text NOT NULL,
    headers text,
    properties text,
    conversation_id uuid,
    correlation_id uuid,
    initiator_id uuid,
    request_id uuid,
    source_address text,
    response_address text,
    fault_address text,
    sent_time timestamp with time zone NOT NULL,
    expiration_time timestamp with time zone,
    CONSTRAINT pk_outbox_dead PRIMARY KEY (message_id)
);

CREATE INDEX ix_outbox_dead_died_at ON orchestrator.outbox_dead (died_at);

-- What each consumer has already committed. A row is written in the transaction of the effect, so the second
-- delivery of a message finds it (or waits for the first one to commit) and has no effect.
CREATE TABLE orchestrator.inbox (
    message_id uuid NOT NULL,
    consumer_id uuid NOT NULL,
    received_at timestamp with time zone NOT NULL DEFAULT now(),
    CONSTRAINT pk_inbox PRIMARY KEY (message_id, consumer_id)
);

-- Retention deletes by age.
CREATE INDEX ix_inbox_received_at ON orchestrator.inbox (received_at);
