-- What people were told, and what they were told it about.

-- name: tell
-- Judged by this database's clock alone. Who waits here for another's row sees its time, which is within the window, and writes nothing.
INSERT INTO orchestrator.alert_told AS a (kind, subject, told_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (kind, subject) DO UPDATE SET told_at = excluded.told_at WHERE a.told_at <= excluded.told_at - $3::interval

-- name: forget
DELETE FROM orchestrator.alert_told a USING (
    SELECT kind, subject FROM orchestrator.alert_told WHERE told_at < now() - $1::interval LIMIT $2 FOR UPDATE SKIP LOCKED) old
WHERE a.kind = old.kind AND a.subject = old.subject

-- name: dead_letters
-- What was told stands there, not what was seen: what comes within the window is told after it.
WITH before AS (SELECT messages FROM orchestrator.dead_letters WHERE queue = $1),
now AS (
    INSERT INTO orchestrator.dead_letters AS d (queue, messages, told_at) VALUES ($1, $2, CASE WHEN $2 > 0 THEN clock_timestamp() END)
    ON CONFLICT (queue) DO UPDATE SET messages = excluded.messages, told_at = CASE WHEN excluded.messages > d.messages THEN excluded.told_at ELSE d.told_at END
    WHERE excluded.messages < d.messages OR (excluded.messages > d.messages AND (d.told_at IS NULL OR d.told_at <= excluded.told_at - $3::interval))
    RETURNING messages)
SELECT greatest(coalesce((SELECT messages FROM now), 0) - coalesce((SELECT messages FROM before), 0), 0)

-- name: forget_queues
DELETE FROM orchestrator.dead_letters WHERE NOT queue = ANY ($1)
