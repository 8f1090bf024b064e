-- Two looks at a lease count as two only with time between them: after an outage of the database, missed turns of the sweep may come at once, and a node
-- that lives had no chance to renew.
ALTER TABLE orchestrator.node ADD COLUMN observed_at timestamptz; -- the last stale observation; null since a renewal
