-- Leases of merges and what merges have spent. Times are the database's: nodes need not agree on the time. Lines "-- name: x" begin a statement.

-- name: take
-- Free, over, or of a node that is declared dead: then it is taken, under a token that nobody had before. No row: somebody else merges.
INSERT INTO orchestrator.merge_lease AS l (repository, token, task, node, taken_at, renewed_at, expires_at)
VALUES ($1, 1, $2, $3, clock_timestamp(), clock_timestamp(), clock_timestamp() + $4)
ON CONFLICT (repository) DO UPDATE SET
    token = l.token + 1, task = excluded.task, node = excluded.node,
    taken_at = clock_timestamp(), renewed_at = clock_timestamp(), expires_at = clock_timestamp() + $4
WHERE l.task IS NULL OR l.expires_at <= clock_timestamp() OR EXISTS (SELECT FROM orchestrator.node n WHERE n.id = l.node AND n.dead_at IS NOT NULL)
RETURNING token

-- name: renew
-- No row: the lease is another's now, or nobody's. One that is over and that nobody took may go on.
UPDATE orchestrator.merge_lease SET renewed_at = clock_timestamp(), expires_at = clock_timestamp() + $3
WHERE repository = $1 AND token = $2 AND task IS NOT NULL

-- name: release
UPDATE orchestrator.merge_lease SET task = NULL, node = NULL, taken_at = NULL, renewed_at = NULL, expires_at = NULL
WHERE repository = $1 AND token = $2 AND task IS NOT NULL

-- name: reclaim
-- The token stays: its holder finds that nobody merges, and stops.
WITH stale AS (
    SELECT l.repository, l.token, l.task, l.node, l.expires_at <= clock_timestamp() AS over
    FROM orchestrator.merge_lease l
    WHERE l.task IS NOT NULL AND (l.expires_at <= clock_timestamp() OR EXISTS (SELECT FROM orchestrator.node n WHERE n.id = l.node AND n.dead_at IS NOT NULL))
    FOR UPDATE SKIP LOCKED
)
UPDATE orchestrator.merge_lease l SET task = NULL, node = NULL, taken_at = NULL, renewed_at = NULL, expires_at = NULL
FROM stale s WHERE l.repository = s.repository
RETURNING s.repository, s.token, s.task, s.node, s.over

-- name: holder
SELECT repository, token, task, node, taken_at, expires_at FROM orchestrator.merge_lease WHERE repository = $1 AND task IS NOT NULL

-- name: held
SELECT repository, token, task, node, taken_at, expires_at FROM orchestrator.merge_lease WHERE task IS NOT NULL ORDER BY taken_at

-- name: spent
SELECT polls, retries FROM orchestrator.merge_progress WHERE task = $1 AND step = $2

-- name: spend
-- Only for the task's present step: a drive that was overtaken writes nothing.
INSERT INTO orchestrator.merge_progress (task, step, polls, retries)
SELECT t.id, t.step, $3, $4 FROM orchestrator.task t WHERE t.id = $1 AND t.step = $2
ON CONFLICT (task) DO UPDATE SET step = excluded.step, polls = excluded.polls, retries = excluded.retries
