-- How often in a row a task had to pass its gates again because its head had moved at the merge. It costs no retry, being nobody's failure; without a bound a base that moves faster than
-- the gates answer would keep the task, and whoever stands behind it, for ever.
ALTER TABLE orchestrator.task ADD COLUMN new_heads int NOT NULL DEFAULT 0 CHECK (new_heads >= 0);
