-- Every statement that locks or moves jobs. One file, so that one reading shows all of it. Lines "-- name: x" begin a statement.

-- name: insert
-- One round trip for any number of jobs. A conflict on the dedupe key inserts nothing; the caller then reads the first job's id.
INSERT INTO orchestrator.job (id, lane, state, priority, submitted_at, available_at, due, max_attempts, dedupe_key, announce, payload)
SELECT v.id, v.lane, v.state, v.priority, v.submitted_at, v.available_at, v.due, v.max_attempts, v.dedupe_key, v.announce, v.payload::jsonb
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::boolean[], $8::int[], $9::text[], $10::boolean[], $11::text[])
     WITH ORDINALITY AS v (id, lane, state, priority, submitted_at, available_at, due, max_attempts, dedupe_key, announce, payload, ord)
ORDER BY v.ord
ON CONFLICT (lane, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING
RETURNING id

-- name: withdraw_repeated
-- In the transaction of the insert and after it: of the jobs that went in, those whose key is that of a moved job go out again. Only a statement of
-- its own sees a job that was moved while the insert waited for it; see docs/decisions/keys-of-ended-jobs.md.
DELETE FROM orchestrator.job j
USING unnest($1::uuid[], $2::text[], $3::text[]) AS v (id, lane, dedupe_key)
WHERE j.id = v.id AND EXISTS (SELECT FROM orchestrator.job_ended e WHERE e.lane = v.lane AND e.dedupe_key = v.dedupe_key)
RETURNING j.id

-- name: find_by_dedupe_key
SELECT j.id, j.lane, j.dedupe_key
FROM unnest($1::text[], $2::text[]) AS v (lane, dedupe_key)
JOIN orchestrator.job j ON j.lane = v.lane AND j.dedupe_key = v.dedupe_key
UNION ALL
SELECT e.id, e.lane, e.dedupe_key
FROM unnest($1::text[], $2::text[]) AS v (lane, dedupe_key)
JOIN orchestrator.job_ended e ON e.lane = v.lane AND e.dedupe_key = v.dedupe_key

-- name: promote_due
-- Moves jobs whose time has come into the index that dispatch walks. Returns the lanes that got work.
WITH woken AS (
    SELECT id FROM orchestrator.job
    WHERE state = 'Queued' AND NOT due AND available_at <= $1
    ORDER BY available_at LIMIT $2
    FOR UPDATE SKIP LOCKED)
UPDATE orchestrator.job j SET due = true FROM woken WHERE j.id = woken.id
RETURNING j.lane

-- name: next_due
SELECT min(available_at) FROM orchestrator.job WHERE state = 'Queued' AND NOT due

-- name: lane_load
-- What decides how many jobs of a lane may be sent: counts come from small partial indexes, never from the whole table. What all nodes
-- together run and have sent matters only where they share a limit.
SELECT l.max_running, l.paused_at IS NOT NULL,
       CASE WHEN l.max_running IS NULL THEN 0 ELSE
           (SELECT count(*) FROM orchestrator.job WHERE lane = l.name AND state IN ('Running', 'Finalizing')) END::int,
       CASE WHEN l.max_running IS NULL THEN 0 ELSE
           (SELECT count(*) FROM orchestrator.job WHERE lane = l.name AND state = 'Queued' AND dispatched_at IS NOT NULL) END::int,
       (SELECT count(*) FROM orchestrator.job WHERE lane = l.name AND state = 'Queued' AND dispatched_at IS NOT NULL AND dispatched_by = $2)::int,
       -- The strictest of its breakers: 3 shut, 2 a probe is under way, 1 a probe may go, 0 clear.
       coalesce((SELECT max(CASE b.state
                     WHEN 'Closed' THEN 0
                     WHEN 'Open' THEN CASE WHEN b.until > $3 THEN 3 ELSE 1 END
                     ELSE CASE WHEN EXISTS (SELECT FROM orchestrator.job p WHERE p.id = b.probe_job
                                            AND (p.state IN ('Running', 'Finalizing') OR (p.state = 'Queued' AND p.dispatched_at IS NOT NULL))) THEN 2 ELSE 1 END END)
                 FROM orchestrator.breaker b
                 WHERE (b.scope = 'Lane' AND b.name = l.name) OR (b.scope = 'Credential' AND b.name = l.credential)), 0)
FROM orchestrator.lane l WHERE l.name = $1

-- name: commit_without_disk
-- For marking wake-ups as sent: if a crash of the server takes the mark back, the wake-up is sent twice, as if the sender had died
-- before the mark. No other transaction may use it.
SET LOCAL synchronous_commit TO off

-- name: commit
-- In one round trip with the write before it. Never reached if that fails: the server skips the rest of a batch after an error.
COMMIT

-- name: pick
-- SKIP LOCKED: two dispatchers never pick the same job, and none waits for the other.
SELECT id FROM orchestrator.job
WHERE lane = $1 AND state = 'Queued' AND due AND dispatched_at IS NULL AND obstacle IS NULL
ORDER BY priority DESC, seq LIMIT $2
FOR UPDATE SKIP LOCKED

-- name: lock_obstructed
-- The first in the order that binds, and as many behind a place that moves on with each look: however many stand aside, none is forgotten.
SELECT * FROM orchestrator.job WHERE id IN (
    (SELECT id FROM orchestrator.job WHERE lane = $1 AND state = 'Queued' AND obstacle IS NOT NULL ORDER BY priority DESC, seq LIMIT $2)
    UNION
    (SELECT id FROM orchestrator.job WHERE lane = $1 AND state = 'Queued' AND obstacle IS NOT NULL AND seq > $3 ORDER BY seq LIMIT $2))
ORDER BY priority DESC, seq FOR UPDATE SKIP LOCKED

-- name: mark_dispatched
UPDATE orchestrator.job SET dispatched_at = $2, dispatched_by = $3
WHERE id = ANY ($1) AND state = 'Queued'

-- name: lock_lane
-- Taken by claims of a lane that has a limit: counting and claiming must not interleave between nodes.
SELECT l.name, l.max_running, l.paused_at IS NOT NULL, coalesce(b.is_open, false), b.probes, coalesce(b.watched, false)
FROM orchestrator.lane l
LEFT JOIN LATERAL (
    SELECT bool_or(state = 'Open') AS is_open, array_agg(probe_job) FILTER (WHERE probe_job IS NOT NULL) AS probes,
           bool_or(state <> 'Closed' OR in_a_row > 0) AS watched
    FROM orchestrator.breaker WHERE (scope = 'Lane' AND name = l.name) OR (scope = 'Credential' AND name = l.credential)) b ON true
WHERE l.name = $1 FOR UPDATE OF l

-- name: read_lanes
SELECT l.name, l.max_running, l.paused_at IS NOT NULL, coalesce(b.is_open, false), b.probes, coalesce(b.watched, false)
FROM orchestrator.lane l
LEFT JOIN LATERAL (
    SELECT bool_or(state = 'Open') AS is_open, array_agg(probe_job) FILTER (WHERE probe_job IS NOT NULL) AS probes,
           bool_or(state <> 'Closed' OR in_a_row > 0) AS watched
    FROM orchestrator.breaker WHERE (scope = 'Lane' AND name = l.name) OR (scope = 'Credential' AND name = l.credential)) b ON true
WHERE l.name = ANY ($1)

-- name: count_running
SELECT count(*)::int FROM orchestrator.job WHERE lane = $1 AND state IN ('Running', 'Finalizing')

-- name: lock_for_claim
-- Waits for a row lock instead of skipping: a dispatcher that has sent the wake-up but not yet marked the row still holds it.
-- Ordered by id, so that two claimers of the same rows can't deadlock. Who asks in the name of another lane than the job's finds nothing:
-- its permits, its limit and its handler are not the job's.
SELECT j.*, nextval('orchestrator.run_id') AS next_run_id
FROM unnest($1::uuid[], $2::text[]) AS v (id, lane) JOIN orchestrator.job j ON j.id = v.id AND j.lane = v.lane
ORDER BY j.id FOR UPDATE OF j

-- name: lock_ready_for_claim
-- What dispatch would pick, to be claimed at once: for wake-ups that do not leave the process.
SELECT *, nextval('orchestrator.run_id') AS next_run_id FROM orchestrator.job
WHERE lane = $1 AND state = 'Queued' AND due AND dispatched_at IS NULL AND obstacle IS NULL
  AND NOT EXISTS (SELECT FROM orchestrator.lane WHERE name = $1 AND paused_at IS NOT NULL)
  AND NOT EXISTS (SELECT FROM orchestrator.breaker b JOIN orchestrator.lane l ON l.name = $1
                  WHERE b.state <> 'Closed' AND ((b.scope = 'Lane' AND b.name = l.name) OR (b.scope = 'Credential' AND b.name = l.credential)))
ORDER BY priority DESC, seq LIMIT $2
FOR UPDATE SKIP LOCKED

-- name: next_run_id
SELECT nextval('orchestrator.run_id')

-- name: lock
SELECT * FROM orchestrator.job WHERE id = ANY ($1) ORDER BY id FOR UPDATE

-- name: lock_run
-- The fence: no row means that another run owns the job now, or none.
SELECT * FROM orchestrator.job WHERE id = $1 AND run_id = $2 AND state IN ('Running', 'Finalizing') FOR UPDATE

-- name: lock_held
SELECT * FROM orchestrator.job WHERE state = 'Held' AND lane = ANY ($1) AND held_for = $2 ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED

-- name: lock_if_held
-- Does not wait: who has the job in hand may want what the caller has locked.
SELECT * FROM orchestrator.job WHERE id = $1 AND state = 'Held' FOR UPDATE SKIP LOCKED

-- name: lock_runs_of_node
-- External processes are left to a node of their host while there is one, and for a while after a stop in good order: it takes them over, so that none is
-- started twice.
SELECT j.* FROM orchestrator.job j
WHERE j.owner_node = $1 AND j.state IN ('Running', 'Finalizing')
  AND NOT ((j.process_run IS NOT NULL OR j.lane = ANY ($3)) AND (
      EXISTS (SELECT FROM orchestrator.node n WHERE n.host = j.owner_host AND n.dead_at IS NULL AND n.renewed_at + n.lease >= clock_timestamp())
      OR EXISTS (SELECT FROM orchestrator.node n WHERE n.id = $1 AND n.dead_reason = 'stopped' AND n.dead_at > clock_timestamp() - $4::interval)))
ORDER BY j.id LIMIT $2 FOR UPDATE OF j SKIP LOCKED

-- name: write
-- The only statement that moves a job. The guard is the state and the run that the transition left: who finds no row has lost.
UPDATE orchestrator.job j SET
    state = v.state, available_at = v.available_at, due = v.due, dispatched_at = v.dispatched_at, dispatched_by = v.dispatched_by,
    run_id = v.run_id, owner_node = v.owner_node, owner_host = v.owner_host, owner_pid = v.owner_pid, owner_process_start = v.owner_process_start,
    started_at = v.started_at, ended_at = v.ended_at, attempts = v.attempts, losses = v.losses,
    cancel_requested_at = v.cancel_requested_at, reason = v.reason, result = coalesce(v.result::jsonb, j.result),
    transient_attempts = v.transient_attempts, failure = v.failure, held_for = v.held_for, process_run = v.process_run,
    log_run = v.log_run, log_host = v.log_host, obstacle = v.obstacle, obstacle_since = v.obstacle_since
FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::boolean[], $7::timestamptz[], $8::uuid[],
            $9::bigint[], $10::uuid[], $11::text[], $12::int[], $13::bigint[], $14::timestamptz[], $15::timestamptz[], $16::int[], $17::int[],
            $18::timestamptz[], $19::text[], $20::text[], $21::int[], $22::text[], $23::text[], $24::bigint[], $25::bigint[], $26::text[], $27::text[], $28::timestamptz[])
     AS v (id, left_state, left_run, state, available_at, due, dispatched_at, dispatched_by,
           run_id, owner_node, owner_host, owner_pid, owner_process_start, started_at, ended_at, attempts, losses,
           cancel_requested_at, reason, result, transient_attempts, failure, held_for, process_run, log_run, log_host, obstacle, obstacle_since)
WHERE j.id = v.id AND j.state = v.left_state AND j.run_id IS NOT DISTINCT FROM v.left_run
RETURNING j.id

-- name: set_priority
UPDATE orchestrator.job SET priority = $2 WHERE id = $1 AND state = 'Queued' RETURNING state

-- name: forget_lost_wake_ups
-- A wake-up that nobody claimed for so long is taken for lost. Sending it twice is harmless.
WITH lost AS (
    SELECT id FROM orchestrator.job
    WHERE state = 'Queued' AND dispatched_at < $1
    ORDER BY dispatched_at LIMIT 1000
    FOR UPDATE SKIP LOCKED)
UPDATE orchestrator.job j SET dispatched_at = NULL, dispatched_by = NULL FROM lost WHERE j.id = lost.id
RETURNING j.lane

-- name: forget_wake_ups_of_node
-- In memory, wake-ups die with the node that sent them.
UPDATE orchestrator.job SET dispatched_at = NULL, dispatched_by = NULL
WHERE state = 'Queued' AND dispatched_by = $1 AND dispatched_at IS NOT NULL
RETURNING lane

-- name: runs_not_mine
-- Of the runs that a node holds in memory, those that the database no longer gives it.
SELECT v.id, v.run_id FROM unnest($1::uuid[], $2::bigint[]) AS v (id, run_id)
WHERE NOT EXISTS (SELECT FROM orchestrator.job j WHERE j.id = v.id AND j.run_id = v.run_id)

-- name: runs_of_node
SELECT id, run_id FROM orchestrator.job WHERE owner_node = $1 AND state IN ('Running', 'Finalizing')

-- name: cancels_asked
SELECT id, run_id FROM orchestrator.job
WHERE owner_node = $1 AND state IN ('Running', 'Finalizing') AND cancel_requested_at IS NOT NULL

-- name: queued
SELECT id FROM orchestrator.job WHERE id = ANY ($1) AND state = 'Queued'

-- name: get
-- One statement, hence one snapshot: a job that is being moved is in exactly one of the tables.
SELECT * FROM orchestrator.job WHERE id = $1
UNION ALL
SELECT * FROM orchestrator.job_ended WHERE id = $1

-- name: list
-- Newest first; the last row's seq is where the next page begins. Of the moved jobs each lane and state that there is gives its newest, by
-- one index: whatever the filter, nobody walks over a million others.
(SELECT * FROM orchestrator.job
 WHERE seq < $1 AND ($2::text IS NULL OR lane = $2) AND ($3::text IS NULL OR state = $3)
 ORDER BY seq DESC LIMIT $4)
UNION ALL
(SELECT e.*
 FROM (SELECT DISTINCT lane, state FROM orchestrator.job_ended_count
       WHERE jobs > 0 AND ($2::text IS NULL OR lane = $2) AND ($3::text IS NULL OR state = $3)) AS kind
 CROSS JOIN LATERAL (
     SELECT * FROM orchestrator.job_ended WHERE lane = kind.lane AND state = kind.state AND seq < $1 ORDER BY seq DESC LIMIT $4) AS e
 ORDER BY e.seq DESC LIMIT $4)
ORDER BY seq DESC LIMIT $4

-- name: upsert_lanes
INSERT INTO orchestrator.lane (name, max_running, credential)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
ON CONFLICT (name) DO UPDATE SET max_running = excluded.max_running, credential = excluded.credential

-- name: counts
-- Each part is counted in an index that holds nothing else: ready, dispatched, sleeping, held, running, ended. Moved jobs are counted already.
SELECT lane, state, sum(jobs)::bigint
FROM (
    SELECT lane, 'Queued' AS state, count(*) AS jobs FROM orchestrator.job WHERE state = 'Queued' AND due AND dispatched_at IS NULL GROUP BY lane
    UNION ALL
    SELECT lane, 'Queued', count(*) FROM orchestrator.job WHERE state = 'Queued' AND due AND dispatched_at IS NOT NULL GROUP BY lane
    UNION ALL
    SELECT lane, 'Queued', count(*) FROM orchestrator.job WHERE state = 'Queued' AND NOT due GROUP BY lane
    UNION ALL
    SELECT lane, 'Held', count(*) FROM orchestrator.job WHERE state = 'Held' GROUP BY lane
    UNION ALL
    SELECT lane, state, count(*) FROM orchestrator.job WHERE state IN ('Running', 'Finalizing') GROUP BY lane, state
    UNION ALL
    SELECT lane, state, count(*) FROM orchestrator.job WHERE ended_at IS NOT NULL GROUP BY lane, state
    UNION ALL
    SELECT lane, state, sum(jobs) FROM orchestrator.job_ended_count GROUP BY lane, state) AS parts
GROUP BY lane, state
HAVING sum(jobs) > 0
