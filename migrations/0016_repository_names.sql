-- Forges tell no names of repositories apart by their case: what is written in two ways would have two gates. So each repository stands once, and a task can only be of one that stands.
INSERT INTO orchestrator.repository (name) SELECT DISTINCT repository FROM orchestrator.task ON CONFLICT DO NOTHING;

WITH spelled AS (SELECT lower(name) AS low, min(name) AS name, min(frozen_at) AS frozen_at, min(freeze_reason) AS freeze_reason FROM orchestrator.repository GROUP BY lower(name) HAVING count(*) > 1),
frozen AS (UPDATE orchestrator.repository r SET frozen_at = s.frozen_at, freeze_reason = s.freeze_reason FROM spelled s WHERE r.name = s.name)
UPDATE orchestrator.task t SET repository = s.name FROM spelled s WHERE lower(t.repository) = s.low AND t.repository <> s.name;
DELETE FROM orchestrator.repository r USING orchestrator.repository first WHERE lower(r.name) = lower(first.name) AND r.name > first.name;

CREATE UNIQUE INDEX ux_repository_name ON orchestrator.repository (lower(name));
ALTER TABLE orchestrator.task ADD CONSTRAINT fk_task_repository FOREIGN KEY (repository) REFERENCES orchestrator.repository (name);
