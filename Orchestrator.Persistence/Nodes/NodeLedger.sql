-- Leases of nodes. The database's clock is the only one that counts here: nodes need not agree on the time.

-- name: register
INSERT INTO orchestrator.node (id, host, name, pid, process_start, started_at, renewed_at, lease, lanes)
VALUES ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), $6, $7)

-- name: renew
-- No row: the node was declared dead. Whatever it holds belongs to others now.
-- Otherwise the number of nodes on other hosts: they could start elsewhere what runs here.
UPDATE orchestrator.node SET renewed_at = clock_timestamp(), stale_observations = 0, observed_at = NULL WHERE id = $1 AND dead_at IS NULL
RETURNING (SELECT count(*) FROM orchestrator.node n WHERE n.dead_at IS NULL AND n.host <> node.host)::int

-- name: leave
UPDATE orchestrator.node SET dead_at = clock_timestamp(), dead_reason = 'stopped' WHERE id = $1 AND dead_at IS NULL

-- name: observe
-- One look at all leases. A lease that ran out counts as one stale observation; the second in a row makes the node dead. A sixth of the lease must lie
-- between two (a heartbeat is a third at most): turns that come at once are one look.
UPDATE orchestrator.node SET
    observed_at = clock_timestamp(),
    stale_observations = stale_observations + 1,
    dead_at = CASE WHEN stale_observations + 1 >= $1 THEN clock_timestamp() END,
    dead_reason = CASE WHEN stale_observations + 1 >= $1
        THEN format('its lease of %s ran out: last renewed at %s, %s stale observations', lease, renewed_at, stale_observations + 1) END
WHERE dead_at IS NULL AND renewed_at + lease < clock_timestamp() AND (observed_at IS NULL OR observed_at + lease / 6 < clock_timestamp())
RETURNING id, name, dead_reason

-- name: live_on_host
SELECT id, pid, process_start FROM orchestrator.node WHERE host = $1 AND dead_at IS NULL AND id <> $2

-- name: declare_dead
UPDATE orchestrator.node SET dead_at = clock_timestamp(), dead_reason = $2 WHERE id = $1 AND dead_at IS NULL RETURNING id

-- name: dead_with_work
-- Dead nodes that still own runs, or whose wake-ups nobody has claimed yet.
SELECT n.id, n.name, n.dead_reason FROM orchestrator.node n
WHERE n.dead_at IS NOT NULL AND (
    EXISTS (SELECT FROM orchestrator.job j WHERE j.owner_node = n.id AND j.state IN ('Running', 'Finalizing'))
    OR EXISTS (SELECT FROM orchestrator.job j WHERE j.dispatched_by = n.id AND j.state = 'Queued' AND j.dispatched_at IS NOT NULL))

-- name: forget
DELETE FROM orchestrator.node n WHERE n.dead_at < clock_timestamp() - $1::interval
    AND NOT EXISTS (SELECT FROM orchestrator.job j WHERE j.owner_node = n.id AND j.state IN ('Running', 'Finalizing'))

-- name: all
SELECT id, name, host, pid, started_at, renewed_at, dead_at, dead_reason,
       (SELECT count(*) FROM orchestrator.job j WHERE j.owner_node = n.id AND j.state IN ('Running', 'Finalizing'))::int
FROM orchestrator.node n WHERE dead_at IS NULL OR dead_at > clock_timestamp() - interval '1 hour' ORDER BY started_at
