-- Every statement that locks or moves tasks, and what belongs to them. Lines "-- name: x" begin a statement.

-- name: insert
-- One task for a key of the tracker, and one open task for a branch: of several that come at once the first stands.
INSERT INTO orchestrator.task (id, repository, title, external_key, branch, state, stage, step, stage_since, job_id, max_retries, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT DO NOTHING
RETURNING seq

-- name: find
-- A removed task has its key still: it is found as the ended one that it was. It gets its key in the statement that removes it, so that every look sees one of the two.
SELECT coalesce(
    (SELECT id FROM orchestrator.task WHERE (external_key = $1) OR (repository = $2 AND branch = $3 AND ended_at IS NULL) ORDER BY seq DESC LIMIT 1),
    (SELECT task FROM orchestrator.task_removed WHERE external_key = $1))

-- name: next_step
SELECT nextval('orchestrator.task_step')

-- name: get
SELECT t.* FROM orchestrator.task t WHERE t.id = $1

-- name: lock
-- A look that is older than the task's step has lost: it gets no row.
SELECT t.* FROM orchestrator.task t WHERE t.id = $1 AND ($2::bigint IS NULL OR t.step = $2) FOR UPDATE

-- name: write
UPDATE orchestrator.task SET
    state = $4, stage = $5, step = $6, stage_since = $7, job_id = $8, look_at = $9, retries = $10, paused_at = $11, pause_reason = $12, reason = $13,
    note = $14, pull_request = $15, head_sha = $16, ended_at = $17, new_heads = $18, held_for_job = $19
WHERE id = $1 AND state = $2 AND step = $3

-- name: record
INSERT INTO orchestrator.task_event (task, at, step, stage, what, detail) VALUES ($1, $2, $3, $4, $5, $6) RETURNING seq

-- name: event
SELECT at, step, stage, what, detail FROM orchestrator.task_event WHERE task = $1 AND seq = $2

-- name: events
SELECT at, step, stage, what, detail FROM orchestrator.task_event WHERE task = $1 ORDER BY seq

-- name: store_artifact
-- Only what works on the task's step now may write; a run that was replaced hits no row.
INSERT INTO orchestrator.task_artifact (task, name, step, stage, content, written_at)
SELECT t.id, $3, t.step, t.stage, $4, $5 FROM orchestrator.task t WHERE t.id = $1 AND t.step = $2
ON CONFLICT (task, name) DO UPDATE SET step = excluded.step, stage = excluded.stage, content = excluded.content, written_at = excluded.written_at

-- name: store_head
UPDATE orchestrator.task SET head_sha = $3 WHERE id = $1 AND step = $2

-- name: adopt_pull_request
-- Whoever opened it may be some steps behind: it is the task's as long as the branch is, and a number that is there stays.
UPDATE orchestrator.task SET pull_request = $4 WHERE id = $1 AND repository = $2 AND branch = $3 AND pull_request IS NULL AND ended_at IS NULL

-- name: artifact
SELECT content FROM orchestrator.task_artifact WHERE task = $1 AND name = $2

-- name: artifacts
SELECT name, step, stage, content, written_at FROM orchestrator.task_artifact WHERE task = $1 ORDER BY name

-- name: list
SELECT t.* FROM orchestrator.task t
WHERE t.seq < $1 AND ($2::text IS NULL OR t.repository = $2) AND ($3::text IS NULL OR t.state = $3) AND ($4::text IS NULL OR t.stage = $4)
ORDER BY t.seq DESC LIMIT $5

-- name: due
-- What may be driven: its time has come to ask its gates again, its job has ended or is held, or its job is held no more. Each is asked by whoever comes; the step decides.
SELECT t.id FROM orchestrator.task t
WHERE t.state = 'Waiting' AND t.look_at <= $1
UNION ALL
SELECT t.id FROM orchestrator.task t JOIN orchestrator.job j ON j.id = t.job_id
WHERE (t.state = 'Working' AND j.state IN ('Held', 'Succeeded', 'Failed', 'Cancelled'))
   OR (t.state = 'Held' AND (j.state NOT IN ('Held', 'Succeeded', 'Failed', 'Cancelled') OR (t.held_for_job AND j.state IN ('Succeeded', 'Failed'))))
UNION ALL
SELECT t.id FROM orchestrator.task t JOIN orchestrator.job_ended e ON e.id = t.job_id
WHERE t.state = 'Working' OR (t.state = 'Held' AND t.held_for_job AND e.state <> 'Cancelled')
LIMIT $2

-- name: abandoned_jobs
-- Jobs of tasks that a person has ended, that nobody has asked to stop.
SELECT j.id FROM orchestrator.task t JOIN orchestrator.job j ON j.id = t.job_id
WHERE t.state = 'Cancelled' AND j.state NOT IN ('Succeeded', 'Failed', 'Cancelled') AND j.cancel_requested_at IS NULL
LIMIT $1

-- name: named
SELECT t.* FROM orchestrator.task t WHERE t.id = ANY ($1::uuid[])

-- name: of_job
SELECT id FROM orchestrator.task WHERE job_id = $1

-- name: of_pull_request
SELECT id FROM orchestrator.task WHERE repository = (SELECT r.name FROM orchestrator.repository r WHERE lower(r.name) = lower($1)) AND pull_request = $2 AND ended_at IS NULL

-- name: of_branch
SELECT id FROM orchestrator.task WHERE repository = (SELECT r.name FROM orchestrator.repository r WHERE lower(r.name) = lower($1)) AND branch = $2 AND ended_at IS NULL

-- name: of_head
SELECT id FROM orchestrator.task WHERE repository = (SELECT r.name FROM orchestrator.repository r WHERE lower(r.name) = lower($1)) AND head_sha = $2 AND ended_at IS NULL LIMIT 1

-- name: of_key
SELECT id FROM orchestrator.task WHERE external_key = $1

-- name: with_keys
SELECT external_key FROM orchestrator.task WHERE external_key = ANY ($1::text[])
UNION ALL
SELECT external_key FROM orchestrator.task_removed WHERE external_key = ANY ($1::text[])

-- name: know_work_item
INSERT INTO orchestrator.work_item (external_key, project, item) VALUES ($1, $2, $3)
ON CONFLICT (external_key) DO UPDATE SET project = excluded.project WHERE work_item.project <> excluded.project

-- name: work_item
SELECT project, item FROM orchestrator.work_item WHERE external_key = $1

-- name: open_work_items
SELECT w.project, w.item FROM orchestrator.task t JOIN orchestrator.work_item w ON w.external_key = t.external_key
WHERE t.ended_at IS NULL ORDER BY t.seq

-- name: waiting_pull_requests
SELECT t.* FROM orchestrator.task t WHERE t.state = 'Waiting' AND t.pull_request IS NOT NULL ORDER BY t.seq LIMIT $1

-- name: remove_ended
-- With their events, artifacts and progress, which go with the row. One whose job is not at its end, or that a merge is held for, waits. One that comes to life again
-- meanwhile is looked at once more under its lock, and stays.
WITH old AS (
    SELECT t.id, t.external_key, t.ended_at FROM orchestrator.task t
    WHERE t.ended_at < $1
      AND NOT EXISTS (SELECT FROM orchestrator.job j WHERE j.id = t.job_id AND j.state NOT IN ('Succeeded', 'Failed', 'Cancelled'))
      AND NOT EXISTS (SELECT FROM orchestrator.merge_lease l WHERE l.task = t.id)
    ORDER BY t.ended_at LIMIT $2
    FOR UPDATE OF t SKIP LOCKED),
kept AS (
    INSERT INTO orchestrator.task_removed (external_key, task, ended_at)
    SELECT external_key, id, ended_at FROM old WHERE external_key IS NOT NULL)
DELETE FROM orchestrator.task t USING old WHERE t.id = old.id

-- name: spelling
-- As the repository was spelled when it was first heard of: forges tell no names apart by their case, and the unique index lets it stand once.
SELECT name FROM orchestrator.repository WHERE lower(name) = lower($1)

-- name: know_repository
INSERT INTO orchestrator.repository (name) VALUES ($1) ON CONFLICT DO NOTHING

-- name: freeze
INSERT INTO orchestrator.repository (name, frozen_at, freeze_reason) VALUES ($1, $2, $3)
ON CONFLICT (lower(name)) DO UPDATE SET frozen_at = coalesce(repository.frozen_at, excluded.frozen_at), freeze_reason = excluded.freeze_reason

-- name: thaw
UPDATE orchestrator.repository SET frozen_at = NULL, freeze_reason = NULL WHERE name = $1 AND frozen_at IS NOT NULL

-- name: lock_gates
-- In order, so that two that want several never wait for each other.
SELECT r.name FROM orchestrator.repository r
WHERE r.name IN (SELECT t.repository FROM orchestrator.task t WHERE t.job_id = ANY ($1::uuid[]))
ORDER BY r.name FOR NO KEY UPDATE

-- name: gates
-- After the lock, as a statement of its own: it must see what the lock's last holder wrote.
-- For each of the jobs that belongs to a task: the task, and who goes before it in its repository. First whoever is in the middle of a step, then the
-- oldest; paused ones go before nobody, held ones neither unless the setting says so.
SELECT t.job_id, t.id, t.stage, t.paused_at, t.pause_reason,
       coalesce(r.frozen_at, every.frozen_at), coalesce(r.freeze_reason, every.freeze_reason),
       first.id, first.title, first.stage
FROM orchestrator.task t
LEFT JOIN orchestrator.repository r ON r.name = t.repository AND r.frozen_at IS NOT NULL
LEFT JOIN orchestrator.repository every ON every.name = '*' AND every.frozen_at IS NOT NULL
LEFT JOIN LATERAL (
    SELECT o.id, o.title, o.stage FROM orchestrator.task o
    LEFT JOIN orchestrator.job j ON j.id = o.job_id
    WHERE o.repository = t.repository AND o.ended_at IS NULL AND o.paused_at IS NULL AND (o.state <> 'Held' OR $2) AND NOT o.stage = ANY ($3::text[])
      AND (o.seq <= t.seq OR j.state IN ('Running', 'Finalizing'))
    ORDER BY (j.state IS NOT NULL AND j.state IN ('Running', 'Finalizing')) DESC, o.seq
    LIMIT 1) first ON true
WHERE t.job_id = ANY ($1::uuid[])

-- name: serial_gate
-- Open tasks in the order of their repositories' gates.
SELECT t.id, t.repository, t.title, t.state, t.stage, t.paused_at, t.pause_reason, t.reason FROM orchestrator.task t
WHERE t.ended_at IS NULL ORDER BY t.repository, t.seq LIMIT $1

-- name: frozen
SELECT name, frozen_at, freeze_reason FROM orchestrator.repository WHERE frozen_at IS NOT NULL ORDER BY name
