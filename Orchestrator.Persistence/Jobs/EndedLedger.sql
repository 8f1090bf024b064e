-- Every statement that moves ended jobs out of the hot table, back, or away. Rows are moved whole: both tables have the same columns in the same order.

-- name: ended_before
-- What can be moved, oldest end first, behind the last one that was looked at.
SELECT id, ended_at FROM orchestrator.job
WHERE ended_at IS NOT NULL AND (ended_at, id) > ($1, $2) AND ended_at < $3
ORDER BY ended_at, id LIMIT $4

-- name: move
-- One statement, so that a job is in one of the tables at any time, and counted once. The guard is the end itself: a job that was retried meanwhile
-- has none. SKIP LOCKED: one that is being retried just now stays.
WITH locked AS (
    SELECT id FROM orchestrator.job WHERE id = ANY ($1) AND ended_at < $2 ORDER BY id FOR UPDATE SKIP LOCKED),
moved AS (
    DELETE FROM orchestrator.job j USING locked WHERE j.id = locked.id RETURNING j.*),
kept AS (
    INSERT INTO orchestrator.job_ended SELECT * FROM moved RETURNING lane, state, ended_at),
counted AS (
    INSERT INTO orchestrator.job_ended_count AS c (day, lane, state, jobs)
    SELECT (ended_at AT TIME ZONE 'UTC')::date AS day, lane, state, count(*) FROM kept GROUP BY day, lane, state ORDER BY day, lane, state
    ON CONFLICT (day, lane, state) DO UPDATE SET jobs = c.jobs + excluded.jobs)
SELECT count(*)::int FROM kept

-- name: lock_ended
SELECT * FROM orchestrator.job_ended WHERE id = $1 FOR UPDATE

-- name: bring_back
-- As it was; the transition that wants it is written after it, in the same transaction.
WITH back AS (
    DELETE FROM orchestrator.job_ended WHERE id = $1 RETURNING *),
counted AS (
    UPDATE orchestrator.job_ended_count c SET jobs = c.jobs - 1
    FROM back WHERE c.day = (back.ended_at AT TIME ZONE 'UTC')::date AND c.lane = back.lane AND c.state = back.state)
INSERT INTO orchestrator.job OVERRIDING SYSTEM VALUE SELECT * FROM back

-- name: months
-- The months that there are, also those that are detached and wait to be dropped.
SELECT to_date(right(c.relname, 7), 'YYYY_MM'), EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid)
FROM pg_class c
WHERE c.relnamespace = 'orchestrator'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^job_ended_[0-9]{4}_[0-9]{2}$'
ORDER BY 1

-- name: open_month
SELECT orchestrator.open_month($1)

-- name: detach_month
SELECT orchestrator.detach_month($1)

-- name: jobs_of_month
SELECT id, run_id FROM orchestrator.jobs_of_month($1, $2, $3)

-- name: drop_month
SELECT orchestrator.drop_month($1)

-- name: recent
-- The last ends in these states, wherever the jobs stand.
-- The inner look stays in the index: among many successes a failure may be far.
(SELECT id, lane, state, reason, started_at, ended_at FROM orchestrator.job
 WHERE id IN (SELECT id FROM orchestrator.job WHERE ended_at IS NOT NULL AND state = ANY ($1) ORDER BY ended_at DESC LIMIT $2))
UNION ALL
(SELECT e.* FROM unnest($1) AS wanted (state) CROSS JOIN LATERAL (
     SELECT id, lane, state, reason, started_at, ended_at FROM orchestrator.job_ended
     WHERE state = wanted.state ORDER BY ended_at DESC LIMIT $2) AS e)
ORDER BY ended_at DESC LIMIT $2
