-- What runs ask before they change something. One is pending while nobody has answered it and it has not expired.
CREATE TABLE interrupts (
    interrupt_id text NOT NULL,
    thread_no bigint NOT NULL,
    action bytea NOT NULL,
    expires_at bigint NOT NULL,
    answered_by text,
    PRIMARY KEY (thread_no, interrupt_id)
);
CREATE INDEX interrupts_pending ON interrupts (thread_no) WHERE answered_by IS NULL;

-- What approved actions left: one budget of each user, an alert for days and one for months, and files.
CREATE TABLE budgets (
    user_id text PRIMARY KEY,
    amount text NOT NULL,
    set_at bigint NOT NULL
);

CREATE TABLE alerts (
    user_id text NOT NULL,
    per text NOT NULL,
    amount text NOT NULL,
    set_at bigint NOT NULL,
    PRIMARY KEY (user_id, per)
);

CREATE TABLE documents (
    document_id text PRIMARY KEY,
    user_id text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX documents_of_user ON documents (user_id, document_id DESC);
