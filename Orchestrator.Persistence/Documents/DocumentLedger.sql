-- Every statement that stores, moves or compares documents. Writes are guarded by the status and revision that they leave: no row means
-- that somebody else moved the document meanwhile, and the caller's work is superseded.

-- name: find_source
SELECT id FROM orchestrator.document_source WHERE bucket = $1 AND key = $2 AND version = $3 AND status = 'stored'

-- name: insert_source
-- A row that is stored already inserts nothing: the object was acquired. One that was gone, and was put again, is taken over.
INSERT INTO orchestrator.document_source AS s
    (id, tenant, bucket, key, version, kind, status, reason_code, reason, sequencer, ses_message_id, mail_head, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13)
ON CONFLICT (bucket, key, version) DO UPDATE SET
    status = excluded.status, reason_code = excluded.reason_code, reason = excluded.reason, sequencer = excluded.sequencer, mail_head = excluded.mail_head
    WHERE s.status <> 'stored'
RETURNING id

-- name: forget_unread
-- What a source without an object had for people, when the object has come after all.
DELETE FROM orchestrator.document WHERE source_id = $1 AND sha256 IS NULL

-- name: supersede_older
-- A newer version of an object takes the place of what is still on its way of the older ones: children, and a parent that waits for one.
UPDATE orchestrator.document d SET status = 'superseded', reason_code = 'NewerVersion', reason = 'A newer version of the same object was stored.',
    rev = d.rev + 1, changed_at = $4
FROM orchestrator.document_source s
WHERE s.id = d.source_id AND s.bucket = $1 AND s.key = $2 AND s.id <> $3
  AND (d.status IN ('received', 'extracted', 'matched', 'needs_review')
       OR d.status = 'split' AND EXISTS (
           SELECT FROM orchestrator.document c WHERE c.parent_id = d.id AND c.status IN ('received', 'extracted', 'matched', 'needs_review')))

-- name: find_same_content
SELECT id FROM orchestrator.document
WHERE tenant = $1 AND sha256 = $2 AND parent_id IS NULL AND status NOT IN ('failed', 'superseded', 'duplicate')
ORDER BY seq LIMIT 1

-- name: insert_documents
INSERT INTO orchestrator.document
    (id, source_id, tenant, part_path, file_name, sha256, bytes, status, reason_code, reason, duplicate_of, parent_id, ordinal, page_first, page_last, split_doubt, received_at, changed_at)
SELECT v.id, v.source_id, v.tenant, v.part_path, v.file_name, v.sha256, v.bytes, v.status, v.reason_code, v.reason, v.duplicate_of, v.parent_id, v.ordinal, v.page_first, v.page_last, v.split_doubt, $17, $17
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::uuid[], $12::uuid[], $13::int[], $14::int[], $15::int[], $16::text[])
     WITH ORDINALITY AS v (id, source_id, tenant, part_path, file_name, sha256, bytes, status, reason_code, reason, duplicate_of, parent_id, ordinal, page_first, page_last, split_doubt, ord)
ORDER BY v.ord
ON CONFLICT DO NOTHING
RETURNING id

-- name: get
SELECT id, seq, source_id, tenant, part_path, file_name, parent_id, ordinal, page_first, page_last, split_doubt, sha256, bytes, status, reason_code, reason,
       duplicate_of, rev, received_at, changed_at, supplier_name, number, issue_date, currency, gross, text_hash
FROM orchestrator.document WHERE id = $1

-- name: list
SELECT id, seq, source_id, tenant, part_path, file_name, parent_id, ordinal, page_first, page_last, split_doubt, sha256, bytes, status, reason_code, reason,
       duplicate_of, rev, received_at, changed_at, supplier_name, number, issue_date, currency, gross, text_hash
FROM orchestrator.document
WHERE ($1::text IS NULL OR status = $1) AND ($2::uuid IS NULL OR parent_id = $2) AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4

-- name: source_of
SELECT s.id, s.tenant, s.bucket, s.key, s.version, s.kind, s.status, s.reason_code, s.reason, s.sequencer, s.ses_message_id, s.mail_head::text, s.received_at
FROM orchestrator.document_source s WHERE s.id = $1

-- name: children
-- A child whose work failed for good is open and nobody works on it.
SELECT CASE WHEN reason_code = 'WorkFailed' THEN 'failed' ELSE status END, count(*)::int FROM orchestrator.document WHERE parent_id = $1 GROUP BY 1

-- name: note_failure
-- The status stays, so that the job can be retried by hand; its end replaces the note.
UPDATE orchestrator.document SET reason_code = 'WorkFailed', reason = $3, changed_at = $4
WHERE id = $1 AND rev = $2 AND status IN ('received', 'extracted', 'matched')

-- name: move
UPDATE orchestrator.document SET status = $4, reason_code = $5, reason = $6, duplicate_of = coalesce($7, duplicate_of), rev = rev + $8, changed_at = $9
WHERE id = $1 AND status = $2 AND rev = $3
RETURNING rev

-- name: store_columns
UPDATE orchestrator.document SET supplier_name = $4, supplier_vat = $5, number = $6, number_norm = $7, issue_date = $8, type_code = $9, currency = $10, net = $11, gross = $12, text_hash = $13
WHERE id = $1 AND status = $2 AND rev = $3

-- name: store_extraction
INSERT INTO orchestrator.extraction AS e (document_id, revision, extractor, version, fields, findings, words, extracted_at)
VALUES ($1, 1, $2, $3, $4::jsonb, $5::jsonb, $6, $7)
ON CONFLICT (document_id) DO UPDATE SET revision = e.revision + 1, extractor = excluded.extractor, version = excluded.version,
    fields = excluded.fields, findings = excluded.findings, words = excluded.words, extracted_at = excluded.extracted_at

-- name: extraction
SELECT revision, extractor, version, fields::text, findings::text, words FROM orchestrator.extraction WHERE document_id = $1

-- name: lock_tenant
-- Matches of one tenant are committed one after the other, so that of two copies exactly one is the first. It is held for a few statements.
SELECT pg_advisory_xact_lock(hashtextextended('orchestrator.match:' || $1, 0))

-- name: suppliers
SELECT id, name, name_norm, vat_id, ibans FROM orchestrator.supplier WHERE tenant = $1

-- name: upsert_suppliers
INSERT INTO orchestrator.supplier (id, tenant, name, name_norm, vat_id)
SELECT v.id, $1, v.name, v.name_norm, v.vat_id FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS v (id, name, name_norm, vat_id)
ORDER BY v.name_norm, v.vat_id
ON CONFLICT (tenant, name_norm, vat_id) DO UPDATE SET name = excluded.name
RETURNING id, name, name_norm, vat_id, ibans

-- name: upsert_orders
INSERT INTO orchestrator.purchase_order (id, tenant, number, number_norm, supplier_id, buyer, currency, ordered_net, received_net, imported_at)
SELECT v.id, $1, v.number, v.number_norm, v.supplier_id, v.buyer, v.currency, v.ordered_net, v.received_net, $10
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::numeric[], $9::numeric[])
     AS v (id, number, number_norm, supplier_id, buyer, currency, ordered_net, received_net)
ORDER BY v.supplier_id, v.number_norm
ON CONFLICT (tenant, supplier_id, number_norm) DO UPDATE SET
    number = excluded.number, buyer = excluded.buyer, currency = excluded.currency, ordered_net = excluded.ordered_net, received_net = excluded.received_net, imported_at = excluded.imported_at

-- name: orders
-- Orders that could come into question. What was invoiced before is summed up here each time and never counted, so a repeated match can't count twice.
SELECT p.id, p.number, p.supplier_id, s.name, s.vat_id, p.buyer, p.currency, p.ordered_net, p.received_net,
       coalesce((SELECT sum(m.net) FROM orchestrator.match m JOIN orchestrator.document d ON d.id = m.document_id
                 WHERE m.order_id = p.id AND m.document_id <> $4 AND d.status NOT IN ('duplicate', 'superseded', 'failed')), 0)
FROM orchestrator.purchase_order p JOIN orchestrator.supplier s ON s.id = p.supplier_id
WHERE p.tenant = $1 AND (p.number_norm = $2 OR p.supplier_id = ANY ($3))
ORDER BY p.id

-- name: lock_orders
-- Always in the order of the ids, so that two matches can't wait for each other in a circle.
SELECT id FROM orchestrator.purchase_order WHERE tenant = $1 AND (number_norm = $2 OR supplier_id = ANY ($3)) ORDER BY id FOR UPDATE

-- name: credited_order
SELECT m.order_id FROM orchestrator.document d JOIN orchestrator.match m ON m.document_id = d.id
WHERE d.tenant = $1 AND d.number_norm = $2 AND m.order_id IS NOT NULL AND ($3::uuid IS NULL OR d.supplier_id = $3)
  AND d.status NOT IN ('duplicate', 'superseded', 'failed')
ORDER BY d.seq LIMIT 1

-- name: candidates
-- The first of two copies is the one that came first, unless the later one is through already; so both are never each other's copy.
SELECT id, sha256, supplier_id, supplier_vat, supplier_name, number, issue_date, currency, gross, type_code, text_hash
FROM orchestrator.document
WHERE tenant = $1 AND id <> $2 AND status NOT IN ('split', 'failed', 'superseded', 'duplicate') AND (seq < $3 OR status IN ('matched', 'exported'))
  AND sha256 IS NOT NULL
  AND (sha256 = $4 OR number_norm = $5 OR gross = $6 OR text_hash = $7)
ORDER BY seq LIMIT 200

-- name: store_match
WITH supplier AS (UPDATE orchestrator.document SET supplier_id = $6 WHERE id = $1)
INSERT INTO orchestrator.match (document_id, status, reason, order_id, net, outcome, duplicates, matched_at)
VALUES ($1, $2, $3, $4, $5, $7::jsonb, $8::jsonb, $9)
ON CONFLICT (document_id) DO UPDATE SET status = excluded.status, reason = excluded.reason, order_id = excluded.order_id, net = excluded.net,
    outcome = excluded.outcome, duplicates = excluded.duplicates, matched_at = excluded.matched_at

-- name: match
SELECT status, reason, order_id, net, NULL::uuid, outcome::text, duplicates::text FROM orchestrator.match WHERE document_id = $1

-- name: order_currency
SELECT p.currency FROM orchestrator.match m JOIN orchestrator.purchase_order p ON p.id = m.order_id WHERE m.document_id = $1

-- name: lock_revision
-- Whoever writes what follows from a revision holds it still meanwhile.
SELECT status FROM orchestrator.document WHERE id = $1 AND rev = $2 FOR UPDATE

-- name: delete_diagnostics
DELETE FROM orchestrator.diagnostic WHERE document_id = $1

-- name: insert_diagnostics
INSERT INTO orchestrator.diagnostic (document_id, ordinal, rev, rule, severity, message, expected, actual, terms)
SELECT $1, v.ord, $2, v.rule, v.severity, v.message, v.expected, v.actual, string_to_array(v.terms, ' ')
FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS v (rule, severity, message, expected, actual, terms, ord)

-- name: diagnostics
SELECT rule, severity, message, expected, actual, terms FROM orchestrator.diagnostic WHERE document_id = $1 ORDER BY ordinal

-- name: insert_output
INSERT INTO orchestrator.output (document_id, kind, input_hash, key, bytes, written_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (document_id, kind, input_hash) DO NOTHING

-- name: outputs
SELECT kind, input_hash, key, bytes, written_at FROM orchestrator.output WHERE document_id = $1 ORDER BY written_at, kind

-- name: jobs
-- The dedupe key leads to a document's jobs by an index, wherever they stand; their payloads have none.
SELECT j.id, j.lane, j.state, j.reason, j.attempts, j.max_attempts, j.available_at, j.ended_at
FROM unnest($1::text[], $2::text[]) AS v (lane, key)
CROSS JOIN LATERAL (
    SELECT seq, id, lane, state, reason, attempts, max_attempts, available_at, ended_at FROM orchestrator.job WHERE lane = v.lane AND dedupe_key = v.key
    UNION ALL
    SELECT seq, id, lane, state, reason, attempts, max_attempts, available_at, ended_at FROM orchestrator.job_ended WHERE lane = v.lane AND dedupe_key = v.key) AS j
ORDER BY j.seq
