-- Is what a lane needs there, on each host that works in it?

-- name: record
-- Says whether a failure that was recorded before is over now.
WITH before AS (SELECT ok FROM orchestrator.preflight WHERE lane = $1 AND host = $2),
     written AS (
        INSERT INTO orchestrator.preflight AS p (lane, host, ok, since, checked_at, detail) VALUES ($1, $2, $3, $4, $4, $5)
        ON CONFLICT (lane, host) DO UPDATE SET
            since = CASE WHEN p.ok = excluded.ok THEN p.since ELSE excluded.since END,
            ok = excluded.ok, checked_at = excluded.checked_at, detail = excluded.detail)
SELECT coalesce((SELECT NOT ok FROM before), false) AND $3

-- name: all
-- Hosts without a live node have no say any more.
SELECT p.lane, p.host, p.ok, p.since, p.checked_at, p.detail FROM orchestrator.preflight p
WHERE EXISTS (SELECT FROM orchestrator.node n WHERE n.host = p.host AND n.dead_at IS NULL)
ORDER BY p.lane, p.host
