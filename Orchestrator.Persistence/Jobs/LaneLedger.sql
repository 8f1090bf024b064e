-- Lanes as operators see and steer them. What claims and dispatch read of them stands in JobLedger.sql.

-- name: all
SELECT l.name, l.max_running, l.paused_at, l.pause_reason,
       array(SELECT n.id FROM orchestrator.node n WHERE n.dead_at IS NULL AND l.name = ANY (n.lanes) ORDER BY n.started_at)
FROM orchestrator.lane l ORDER BY l.name

-- name: pause
-- A second pause changes nothing: the first says since when, and why. No row: no such lane.
UPDATE orchestrator.lane SET paused_at = coalesce(paused_at, $2), pause_reason = CASE WHEN paused_at IS NULL THEN $3 ELSE pause_reason END
WHERE name = $1 RETURNING name

-- name: resume
UPDATE orchestrator.lane SET paused_at = NULL, pause_reason = NULL WHERE name = $1 RETURNING name
