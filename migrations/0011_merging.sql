-- Merging: one task of a repository at a time, and how often it was tried.

-- The row stays for ever, so that the token only grows: whoever holds an older one has lost, whatever it believes. Judged by this database's clock alone.
CREATE TABLE orchestrator.merge_lease (
    repository text PRIMARY KEY,
    token      bigint NOT NULL CHECK (token > 0),  -- the fencing token of the last holder
    task       uuid,                               -- null while nobody merges
    node       uuid,
    taken_at   timestamptz,
    renewed_at timestamptz,
    expires_at timestamptz,
    CONSTRAINT ck_merge_lease_whole CHECK (
        (task IS NULL) = (node IS NULL) AND (task IS NULL) = (taken_at IS NULL) AND (task IS NULL) = (renewed_at IS NULL) AND (task IS NULL) = (expires_at IS NULL))
);

-- What the merge of a task has spent on waiting and repeating; a step entered anew begins at nothing.
CREATE TABLE orchestrator.merge_progress (
    task    uuid PRIMARY KEY REFERENCES orchestrator.task (id) ON DELETE CASCADE,
    step    bigint NOT NULL,
    polls   int NOT NULL CHECK (polls >= 0),
    retries int NOT NULL CHECK (retries >= 0)
);
