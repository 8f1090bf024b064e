-- Breakers of lanes and of accounts. No row is the same as a closed breaker that has seen nothing.

-- name: make
-- Before the lock, so that two first failures can't both miss the row.
INSERT INTO orchestrator.breaker (scope, name, state)
SELECT 'Lane', $1::text, 'Closed' UNION ALL SELECT 'Credential', $2::text, 'Closed' WHERE $2::text IS NOT NULL
ON CONFLICT DO NOTHING

-- name: lock
-- The lane's before the account's everywhere, so that no two wait for each other.
SELECT scope, name, state, in_a_row, openings, opened_at, until, reason, probe_job FROM orchestrator.breaker
WHERE (scope = 'Lane' AND name = $1) OR (scope = 'Credential' AND name = $2)
ORDER BY scope DESC FOR UPDATE

-- name: write
UPDATE orchestrator.breaker SET state = $3, in_a_row = $4, openings = $5, opened_at = $6, until = $7, reason = $8, probe_job = $9
WHERE scope = $1 AND name = $2

-- name: lock_shut
SELECT FROM orchestrator.breaker
WHERE state <> 'Closed' AND ((scope = 'Lane' AND name = $1) OR (scope = 'Credential' AND name = $2))
ORDER BY scope DESC FOR UPDATE

-- name: may_probe
-- True if all that is not closed has waited its time out, or has lost its probe: then one job may try. Asked after the lock, as a statement
-- of its own: one that waits for a lock sees the locked row as it is then, and every other row (the probe's job) as it was before.
SELECT coalesce(bool_and(CASE b.state
    WHEN 'Open' THEN b.until <= $3
    ELSE NOT EXISTS (SELECT FROM orchestrator.job j WHERE j.id = b.probe_job
                     AND (j.state IN ('Running', 'Finalizing') OR (j.state = 'Queued' AND j.dispatched_at IS NOT NULL))) END), false)
FROM orchestrator.breaker b
WHERE state <> 'Closed' AND ((scope = 'Lane' AND name = $1) OR (scope = 'Credential' AND name = $2))

-- name: begin_probe
UPDATE orchestrator.breaker SET state = 'HalfOpen', probe_job = $3
WHERE state <> 'Closed' AND ((scope = 'Lane' AND name = $1) OR (scope = 'Credential' AND name = $2))

-- name: close
UPDATE orchestrator.breaker SET state = 'Closed', in_a_row = 0, openings = 0, opened_at = NULL, until = NULL, reason = NULL, probe_job = NULL
WHERE scope = $1 AND name = $2 AND state <> 'Closed'

-- name: all
SELECT scope, name, state, in_a_row, openings, opened_at, until, reason, probe_job FROM orchestrator.breaker ORDER BY scope DESC, name
