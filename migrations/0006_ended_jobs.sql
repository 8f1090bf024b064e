-- Ended jobs leave the table that claims and dispatch walk, for a cold one with a partition for each month of their end: what is older
-- than the retention goes by dropping a month, and never row by row.

-- The same columns in the same order, because rows are moved whole, both ways. A later migration that adds a column to job adds it here.
CREATE TABLE orchestrator.job_ended (LIKE orchestrator.job INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION) PARTITION BY RANGE (ended_at);
ALTER TABLE orchestrator.job_ended ALTER ended_at SET NOT NULL;  -- with ck_job_ended_at: only what has ended
ALTER TABLE orchestrator.job_ended ADD PRIMARY KEY (id, ended_at);

-- Pages of GET /jobs, newest first, for any filter; the recent ends of GET /queue; the first job of a dedupe key, and a document's jobs.
CREATE INDEX ix_job_ended_seq ON orchestrator.job_ended (lane, state, seq);
CREATE INDEX ix_job_ended_recent ON orchestrator.job_ended (state, ended_at);
CREATE INDEX ix_job_ended_dedupe ON orchestrator.job_ended (lane, dedupe_key) WHERE dedupe_key IS NOT NULL;

-- How many there are, by day of their end (UTC): kept by the statements that move them, so that nobody counts a million rows.
CREATE TABLE orchestrator.job_ended_count (
    day   date NOT NULL,
    lane  text NOT NULL,
    state text NOT NULL,
    jobs  bigint NOT NULL CHECK (jobs >= 0),
    PRIMARY KEY (day, lane, state)
);

-- What has ended and is still here: the next to be moved, and what has to be counted beside the days above.
CREATE INDEX ix_job_ended ON orchestrator.job (ended_at, id) INCLUDE (lane, state) WHERE ended_at IS NOT NULL;

-- For counting: jobs by lane without a look at their rows.
DROP INDEX orchestrator.ix_job_sleeping;
CREATE INDEX ix_job_sleeping ON orchestrator.job (available_at, lane) WHERE state = 'Queued' AND NOT due;

-- Months are tables, and tables have no parameters: hence functions. A month is made apart and then attached, which lets readers go on; PARTITION
-- OF would make submissions wait for them. False: there is a table of that name, attached or on its way out.
CREATE FUNCTION orchestrator.open_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    name text := to_char(month, '"job_ended_"YYYY_MM');
BEGIN
    IF to_regclass('orchestrator.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE orchestrator.%I (LIKE orchestrator.job_ended INCLUDING CONSTRAINTS INCLUDING STORAGE INCLUDING COMPRESSION)', name);
    EXECUTE format('ALTER TABLE orchestrator.job_ended ATTACH PARTITION orchestrator.%I FOR VALUES FROM (%L) TO (%L)', name,
        month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
    RETURN true;
END $$;

-- From here on nobody finds the month's jobs. It waits for readers, and whoever comes behind waits for it: no longer than this, its turn comes again.
CREATE FUNCTION orchestrator.detach_month(month date) RETURNS void LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
BEGIN
    EXECUTE format('ALTER TABLE orchestrator.job_ended DETACH PARTITION orchestrator.%I', to_char(month, '"job_ended_"YYYY_MM'));
    DELETE FROM orchestrator.job_ended_count WHERE day >= month AND day < month + interval '1 month';
END $$;

-- The jobs of a detached month, in order of id.
CREATE FUNCTION orchestrator.jobs_of_month(month date, after uuid, most int) RETURNS TABLE (id uuid, run_id bigint) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('SELECT id, run_id FROM orchestrator.%I WHERE id > $1 ORDER BY id LIMIT $2', to_char(month, '"job_ended_"YYYY_MM')) USING after, most;
END $$;

CREATE FUNCTION orchestrator.drop_month(month date) RETURNS void LANGUAGE plpgsql SET lock_timeout = '100ms' AS $$
DECLARE
    name text := to_char(month, '"job_ended_"YYYY_MM');
BEGIN
    IF EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass('orchestrator.' || name)) THEN
        RAISE EXCEPTION '% is still attached: its jobs can be found, and may be retried', name;
    END IF;
    EXECUTE format('DROP TABLE IF EXISTS orchestrator.%I', name);
END $$;
