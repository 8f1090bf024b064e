-- Runs and pauses of the sweeps.

-- name: begin
-- No row: the sweep is paused. Runs of one sweep never overlap, so an older one without an end has lost its node.
WITH lost AS (
    UPDATE orchestrator.sweep_run SET ended_at = $5, outcome = 'lost' WHERE sweep = $1 AND ended_at IS NULL)
INSERT INTO orchestrator.sweep_run (sweep, node, node_name, by_hand, started_at)
SELECT $1, $2, $3, $4, $5
WHERE $4 OR NOT EXISTS (SELECT FROM orchestrator.sweep_pause WHERE sweep = $1)
RETURNING id

-- name: end
UPDATE orchestrator.sweep_run SET ended_at = $2, outcome = $3, done = $4::jsonb, errors = $5 WHERE id = $1

-- name: forget
-- Of runs without a mishap that found nothing to do the last ones are enough; the others are kept for some days.
DELETE FROM orchestrator.sweep_run r
WHERE r.sweep = $1
  AND r.id <= (SELECT id FROM orchestrator.sweep_run WHERE sweep = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)
  AND (r.started_at < $3 OR (r.outcome = 'done' AND r.done = '{}'))

-- name: last_runs
SELECT r.sweep, r.node, r.node_name, r.by_hand, r.started_at, r.ended_at, r.outcome, r.done::text, r.errors
FROM unnest($1::text[]) AS wanted (sweep)
CROSS JOIN LATERAL (SELECT * FROM orchestrator.sweep_run WHERE sweep = wanted.sweep ORDER BY id DESC LIMIT $2) AS r
ORDER BY r.id DESC

-- name: last_failures
SELECT r.sweep, r.node, r.node_name, r.by_hand, r.started_at, r.ended_at, r.outcome, r.done::text, r.errors
FROM unnest($1::text[]) AS wanted (sweep)
CROSS JOIN LATERAL (SELECT * FROM orchestrator.sweep_run WHERE sweep = wanted.sweep AND outcome IN ('failed', 'lost') ORDER BY id DESC LIMIT 1) AS r

-- name: pauses
SELECT sweep, paused_at, reason FROM orchestrator.sweep_pause

-- name: pause
-- A second pause changes nothing: the first says since when, and why.
INSERT INTO orchestrator.sweep_pause (sweep, paused_at, reason) VALUES ($1, $2, $3) ON CONFLICT (sweep) DO NOTHING

-- name: resume
DELETE FROM orchestrator.sweep_pause WHERE sweep = $1
