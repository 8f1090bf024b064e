-- Where a task's work item is: the tracker finds an item by its project only, and a task is named by the item.
-- Written before the task, so that no task of a work item is without it; a row without a task harms nothing.
CREATE TABLE orchestrator.work_item (
    external_key text PRIMARY KEY,                 -- as in orchestrator.task
    project      uuid NOT NULL,
    item         uuid NOT NULL
);
