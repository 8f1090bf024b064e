-- What is seen of runs, and what the reaper made of it. Evidence is written by a run's host and by its monitor; verdicts are journalled.

-- name: host_runs
-- Runs of this host that are external processes, or are about to be, and whether their owner is dead.
SELECT j.*, n.dead_at IS NOT NULL OR n.id IS NULL AS owner_is_dead FROM orchestrator.job j LEFT JOIN orchestrator.node n ON n.id = j.owner_node
WHERE j.owner_host = $1 AND j.state IN ('Running', 'Finalizing') AND (j.process_run IS NOT NULL OR j.lane = ANY ($2))

-- name: owned_runs
SELECT unnest(ARRAY[run_id, process_run]) FROM orchestrator.job WHERE owner_host = $1 AND state IN ('Running', 'Finalizing')

-- name: installation
SELECT id FROM orchestrator.installation

-- name: see
-- Fenced like every write about a run: of one that has moved on nothing is noted. The database's clock is the only one here.
INSERT INTO orchestrator.run_evidence AS e (job_id, run_id, host, seen_at, dead_ticks, exit_code, exit_seen_at, outcome)
SELECT v.job, v.run, $1, clock_timestamp(), CASE WHEN v.dead THEN 1 ELSE 0 END, v.exit_code, CASE WHEN v.exit_code IS NOT NULL THEN clock_timestamp() END, v.outcome::jsonb
FROM unnest($2::uuid[], $3::bigint[], $4::boolean[], $5::int[], $6::text[]) AS v (job, run, dead, exit_code, outcome)
JOIN orchestrator.job j ON j.id = v.job AND j.run_id = v.run AND j.state IN ('Running', 'Finalizing')
ON CONFLICT (job_id) DO UPDATE SET
    run_id = excluded.run_id, host = excluded.host, seen_at = excluded.seen_at,
    -- Two nodes of a host may look at the same moment: that is one look.
    dead_ticks = CASE WHEN excluded.dead_ticks = 0 THEN 0 WHEN e.run_id <> excluded.run_id THEN 1
                      WHEN e.dead_ticks > 0 AND e.seen_at > clock_timestamp() - interval '0.4 s' THEN e.dead_ticks ELSE e.dead_ticks + 1 END,
    exit_code = excluded.exit_code,
    exit_seen_at = CASE WHEN excluded.exit_code IS NULL THEN NULL WHEN e.run_id = excluded.run_id THEN coalesce(e.exit_seen_at, excluded.exit_seen_at) ELSE excluded.exit_seen_at END,
    outcome = excluded.outcome,
    finalizing_until = CASE WHEN e.run_id = excluded.run_id THEN e.finalizing_until END,
    stop_monitor_at = CASE WHEN e.run_id = excluded.run_id THEN e.stop_monitor_at END

-- name: monitor
-- "I am finalizing this run." No row: the run is another's by now. The answer says whether the monitor is to give up.
INSERT INTO orchestrator.run_evidence AS e (job_id, run_id, host, seen_at, finalizing_until)
SELECT j.id, j.run_id, j.owner_host, clock_timestamp(), clock_timestamp() + $3::interval
FROM orchestrator.job j WHERE j.id = $1 AND j.run_id = $2 AND j.state IN ('Running', 'Finalizing')
ON CONFLICT (job_id) DO UPDATE SET
    finalizing_until = CASE WHEN e.run_id = excluded.run_id AND e.stop_monitor_at IS NOT NULL THEN e.finalizing_until ELSE excluded.finalizing_until END,
    stop_monitor_at = CASE WHEN e.run_id = excluded.run_id THEN e.stop_monitor_at END,
    exit_code = CASE WHEN e.run_id = excluded.run_id THEN e.exit_code END,
    exit_seen_at = CASE WHEN e.run_id = excluded.run_id THEN e.exit_seen_at END,
    dead_ticks = CASE WHEN e.run_id = excluded.run_id THEN e.dead_ticks ELSE 0 END,
    outcome = CASE WHEN e.run_id = excluded.run_id THEN e.outcome END,
    run_id = excluded.run_id, seen_at = excluded.seen_at
RETURNING stop_monitor_at IS NOT NULL

-- name: suspects
-- Every run that a tier of the reaper could concern, page by page, so that those that are left alone can't hide the others.
SELECT j.id, j.run_id, j.lane, j.state, j.started_at, j.process_run, j.owner_node,
       n.name, n.dead_at IS NULL AND n.renewed_at + n.lease >= clock_timestamp(), clock_timestamp(),
       e.seen_at, coalesce(e.dead_ticks, 0), e.exit_code, e.exit_seen_at, e.outcome, e.finalizing_until, e.stop_monitor_at
FROM orchestrator.job j
LEFT JOIN orchestrator.node n ON n.id = j.owner_node
LEFT JOIN orchestrator.run_evidence e ON e.job_id = j.id AND e.run_id = j.run_id
WHERE j.state IN ('Running', 'Finalizing') AND j.id > $1
  AND (e.exit_code IS NOT NULL OR e.dead_ticks > 0 OR j.started_at < clock_timestamp() - $2::interval)
ORDER BY j.id LIMIT $3

-- name: stop_monitor
UPDATE orchestrator.run_evidence SET stop_monitor_at = clock_timestamp() WHERE job_id = $1 AND run_id = $2 AND stop_monitor_at IS NULL

-- name: forget_evidence
DELETE FROM orchestrator.run_evidence e
WHERE NOT EXISTS (SELECT FROM orchestrator.job j WHERE j.id = e.job_id AND j.run_id = e.run_id AND j.state IN ('Running', 'Finalizing'))

-- name: journal
INSERT INTO orchestrator.reaper_journal (at, job_id, run_id, verdict, reason, evidence, won, by_node)
VALUES (clock_timestamp(), $1, $2, $3, $4, $5::jsonb, $6, $7)

-- name: forget_journal
DELETE FROM orchestrator.reaper_journal WHERE at < clock_timestamp() - $1::interval

-- name: journal_of
SELECT at, job_id, run_id, verdict, reason, evidence::text, won, by_node FROM orchestrator.reaper_journal WHERE job_id = $1 ORDER BY id DESC LIMIT 100

-- name: latest
SELECT at, job_id, run_id, verdict, reason, evidence::text, won, by_node FROM orchestrator.reaper_journal ORDER BY id DESC LIMIT $1

-- name: lock_impossible
-- Queued, and somebody's: from before the constraint, or from a time when somebody had dropped it.
SELECT * FROM orchestrator.job
WHERE state = 'Queued' AND (run_id IS NOT NULL OR owner_node IS NOT NULL OR owner_host IS NOT NULL OR owner_pid IS NOT NULL
    OR owner_process_start IS NOT NULL OR started_at IS NOT NULL OR process_run IS NOT NULL)
ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED

-- name: constraint_stands
SELECT EXISTS (SELECT FROM pg_constraint WHERE conname = 'ck_job_queued_has_no_owner' AND conrelid = 'orchestrator.job'::regclass AND convalidated)
