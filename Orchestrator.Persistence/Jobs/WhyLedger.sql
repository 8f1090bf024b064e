-- Everything that may keep a queued job from running, read for one job. Nothing here decides: dispatch and claim do, by the same facts.

-- name: lane
SELECT l.max_running, l.paused_at, l.pause_reason, l.credential,
       (SELECT count(*) FROM orchestrator.job j WHERE j.lane = l.name AND j.state IN ('Running', 'Finalizing'))::int,
       (SELECT count(*) FROM orchestrator.node n WHERE n.dead_at IS NULL AND n.renewed_at + n.lease >= clock_timestamp() AND l.name = ANY (n.lanes))::int,
       (SELECT max(n.renewed_at) FROM orchestrator.node n WHERE l.name = ANY (n.lanes))
FROM orchestrator.lane l WHERE l.name = $1

-- name: holders
SELECT j.id, n.name, j.started_at FROM orchestrator.job j LEFT JOIN orchestrator.node n ON n.id = j.owner_node
WHERE j.lane = $1 AND j.state IN ('Running', 'Finalizing') ORDER BY j.started_at LIMIT 20

-- name: before
-- Counted up to a thousand: more is "many".
SELECT count(*)::int FROM (
    SELECT FROM orchestrator.job j WHERE j.lane = $1 AND j.state = 'Queued' AND j.due AND j.dispatched_at IS NULL AND j.obstacle IS NULL
      AND (j.priority > $2 OR (j.priority = $2 AND j.seq < $3)) LIMIT 1000) b

-- name: node_name
SELECT name FROM orchestrator.node WHERE id = $1
