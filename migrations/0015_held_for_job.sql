-- Is a task held because its job is? Such a job may be released and end before anybody looks at the task, which then goes on with how it ended; a task that is held for another reason
-- has an ended job, too, and waits for a person.
ALTER TABLE orchestrator.task ADD COLUMN held_for_job boolean NOT NULL DEFAULT false;
UPDATE orchestrator.task t SET held_for_job = true FROM orchestrator.job j WHERE j.id = t.job_id AND t.state = 'Held' AND j.state = 'Held';
