-- The documents. Files stand in the bucket, under the hash of their content; here stands what is known of them.

-- What a notification named. A redelivery, and a second notification of the same object by another way, meet this key and do nothing.
CREATE TABLE orchestrator.document_source (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL,
    bucket         text NOT NULL,
    key            text NOT NULL,
    version        text NOT NULL CHECK (version <> ''),   -- the version id, or the etag where the bucket keeps no versions
    kind           text NOT NULL CHECK (kind IN ('file', 'mail')),
    status         text NOT NULL CHECK (status IN ('stored', 'gone', 'replaced', 'refused')),
    reason_code    text,
    reason         text,
    sequencer      text,             -- S3's; for people, it is not compared
    ses_message_id text,
    mail_head      jsonb,            -- subject, sender, the parts that were left out
    received_at    timestamptz NOT NULL,
    CONSTRAINT ux_document_source_object UNIQUE (bucket, key, version),
    CONSTRAINT ck_document_source_reason CHECK ((status = 'stored') = (reason_code IS NULL))
);

CREATE TABLE orchestrator.document (
    id            uuid PRIMARY KEY,
    seq           bigint GENERATED ALWAYS AS IDENTITY,    -- which of two copies came first
    source_id     uuid NOT NULL REFERENCES orchestrator.document_source,
    tenant        text NOT NULL,
    part_path     text NOT NULL,                          -- '' for an object, '2.1' for an attachment
    file_name     text NOT NULL,
    parent_id     uuid REFERENCES orchestrator.document,
    ordinal       int CHECK (ordinal > 0),
    page_first    int CHECK (page_first > 0),
    page_last     int CHECK (page_last >= page_first),
    split_doubt   text,                                   -- the boundary was a close decision
    sha256        text CHECK (sha256 ~ '^[0-9a-f]{64}$'),  -- names the file in the bucket; null where there is none to read
    bytes         bigint CHECK (bytes >= 0),
    status        text NOT NULL,
    reason_code   text,
    reason        text,
    duplicate_of  uuid REFERENCES orchestrator.document,
    -- Rises whenever something that diagnostics or outputs follow from has changed; older work on the document is then superseded.
    rev           int NOT NULL DEFAULT 1 CHECK (rev > 0),
    received_at   timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,

    -- What the extraction read, in the form in which other documents are compared with it. Null before, or where nothing was read.
    supplier_id   uuid,
    supplier_name text,
    supplier_vat  text,
    number        text,
    number_norm   text,
    issue_date    date,
    type_code     text,
    currency      text,
    net           numeric,
    gross         numeric,
    text_hash     text,

    CONSTRAINT ck_document_status CHECK (status IN
        ('received', 'split', 'extracted', 'matched', 'needs_review', 'exported', 'duplicate', 'superseded', 'failed')),
    -- Whoever has to act must be told why.
    CONSTRAINT ck_document_reason CHECK (status NOT IN ('needs_review', 'duplicate', 'superseded', 'failed') OR (reason_code IS NOT NULL AND reason IS NOT NULL)),
    -- What was gone, refused, or a mail without documents has a row for people, and no file.
    CONSTRAINT ck_document_file CHECK (sha256 IS NOT NULL OR status IN ('failed', 'needs_review', 'superseded')),
    -- A document without its minimum fields is never a success.
    CONSTRAINT ck_document_minimum_fields CHECK (status NOT IN ('extracted', 'matched', 'exported') OR
        (number IS NOT NULL AND issue_date IS NOT NULL AND currency IS NOT NULL AND gross IS NOT NULL)),
    CONSTRAINT ck_document_child CHECK ((parent_id IS NULL) = (ordinal IS NULL) AND (parent_id IS NULL) = (page_first IS NULL) AND (page_first IS NULL) = (page_last IS NULL)),
    -- A second split of the same file, by a run that was fenced or repeated, can't make a second set of children.
    CONSTRAINT ux_document_child UNIQUE (parent_id, ordinal)
);

-- A second reading of the same mail can't make a second set of attachments. Children have their parent's part.
CREATE UNIQUE INDEX ux_document_part ON orchestrator.document (source_id, part_path) WHERE parent_id IS NULL;
CREATE INDEX ix_document_status ON orchestrator.document (status, id);
-- What duplicates are looked for by.
CREATE INDEX ix_document_sha256 ON orchestrator.document (tenant, sha256);
CREATE INDEX ix_document_number ON orchestrator.document (tenant, number_norm) WHERE number_norm IS NOT NULL;
CREATE INDEX ix_document_gross ON orchestrator.document (tenant, gross) WHERE gross IS NOT NULL;
CREATE INDEX ix_document_text ON orchestrator.document (tenant, text_hash) WHERE text_hash IS NOT NULL;

-- What was read, with where and how surely. One row: another reading replaces it and counts up.
CREATE TABLE orchestrator.extraction (
    document_id uuid PRIMARY KEY REFERENCES orchestrator.document,
    revision    int NOT NULL CHECK (revision > 0),
    extractor   text NOT NULL,
    version     text NOT NULL,
    fields      jsonb NOT NULL,
    findings    jsonb NOT NULL,       -- what the reader noticed, as it said it
    words       text[] NOT NULL,      -- of the text, those that could be an order's number
    extracted_at timestamptz NOT NULL
);

CREATE TABLE orchestrator.supplier (
    id        uuid PRIMARY KEY,
    tenant    text NOT NULL,
    name      text NOT NULL,
    name_norm text NOT NULL,
    vat_id    text NOT NULL,          -- compact; '' where nobody knows it, so that the key below holds
    ibans     text[] NOT NULL DEFAULT '{}',
    CONSTRAINT ux_supplier UNIQUE (tenant, name_norm, vat_id)
);

CREATE TABLE orchestrator.purchase_order (
    id           uuid PRIMARY KEY,
    tenant       text NOT NULL,
    number       text NOT NULL,
    number_norm  text NOT NULL,
    supplier_id  uuid NOT NULL REFERENCES orchestrator.supplier,
    buyer        text,
    currency     text NOT NULL,
    ordered_net  numeric NOT NULL CHECK (ordered_net >= 0),
    received_net numeric CHECK (received_net >= 0),   -- null where nobody books receipts
    imported_at  timestamptz NOT NULL,
    -- Two suppliers may use the same number; one supplier may not.
    CONSTRAINT ux_purchase_order UNIQUE (tenant, supplier_id, number_norm)
);
CREATE INDEX ix_purchase_order_number ON orchestrator.purchase_order (tenant, number_norm);

-- The result of matching: a function of stored rows, so it is replaced and never added to. What an order was invoiced is always the sum over these.
CREATE TABLE orchestrator.match (
    document_id uuid PRIMARY KEY REFERENCES orchestrator.document,
    status      text NOT NULL,
    reason      text NOT NULL,
    order_id    uuid REFERENCES orchestrator.purchase_order,
    net         numeric,              -- what the document takes of the order; negative for a credit note
    outcome     jsonb NOT NULL,
    duplicates  jsonb NOT NULL,
    matched_at  timestamptz NOT NULL
);
CREATE INDEX ix_match_order ON orchestrator.match (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE orchestrator.diagnostic (
    document_id uuid NOT NULL REFERENCES orchestrator.document,
    ordinal     int NOT NULL,         -- the order in which people read them
    rev         int NOT NULL,         -- of the document that was looked at
    rule        text NOT NULL,
    severity    text NOT NULL CHECK (severity IN ('Note', 'Warning', 'Error')),
    message     text NOT NULL,
    expected    text,
    actual      text,
    terms       text[] NOT NULL,
    PRIMARY KEY (document_id, ordinal)
);

CREATE TABLE orchestrator.output (
    document_id uuid NOT NULL REFERENCES orchestrator.document,
    kind        text NOT NULL CHECK (kind IN ('Json', 'BookingCsv')),
    input_hash  text NOT NULL,
    key         text NOT NULL,
    bytes       bigint NOT NULL,
    written_at  timestamptz NOT NULL,
    -- The same input is the same object: writing it again is no second output.
    PRIMARY KEY (document_id, kind, input_hash)
);
