-- Forges tell no names of repositories apart by their case: what is written in two ways would have two gates. So each repository stands once, and a task can only be of one that stands.
INSERT INTO orchestrator.repository (name) SELECT DISTINCT repository FROM orchestrator.task ON CONFLICT DO NOTHING;

-- Two open tasks of one branch were two spellings' work on the same: the older goes on. The sweep stops the other's job.
UPDATE orchestrator.task t SET state = 'Cancelled', ended_at = now(), look_at = NULL, paused_at = NULL, pause_reason = NULL,
    reason = 'Its repository was written in two ways, and an older task has its branch. Open it again if its work is wanted.'
WHERE t.ended_at IS NULL AND EXISTS (
    SELECT FROM orchestrator.task o WHERE lower(o.repository) = lower(t.repository) AND o.branch = t.branch AND o.ended_at IS NULL AND o.seq < t.seq);

WITH spelled AS (SELECT lower(name) AS low, min(name) AS name, min(frozen_at) AS frozen_at, min(freeze_reason) AS freeze_reason FROM orchestrator.repository GROUP BY lower(name) HAVING count(*) > 1),
frozen AS (UPDATE orchestrator.repository r SET frozen_at = s.frozen_at, freeze_reason = s.freeze_reason FROM spelled s WHERE r.name = s.name)
UPDATE orchestrator.task t SET repository = s.name FROM spelled s WHERE lower(t.repository) = s.low AND t.repository <> s.name;
DELETE FROM orchestrator.repository r USING orchestrator.repository first WHERE lower(r.name) = lower(first.name) AND r.name > first.name;

CREATE UNIQUE INDEX ux_repository_name ON orchestrator.repository (lower(name));
ALTER TABLE orchestrator.task ADD CONSTRAINT fk_task_repository FOREIGN KEY (repository) REFERENCES orchestrator.repository (name);
