-- What runs ask before they change something. One is pending while nobody has answered it and it has not expired.
CREATE TABLE interrupts (
    interrupt_id TEXT NOT NULL,
    thread_no INTEGER NOT NULL,
    action BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    answered_by TEXT,
    PRIMARY KEY (thread_no, interrupt_id)
);
CREATE INDEX interrupts_pending ON interrupts (thread_no) WHERE answered_by IS NULL;

-- What approved actions left: one budget of each user, an alert for days and one for months, and files.
CREATE TABLE budgets (
    user_id TEXT PRIMARY KEY,
    amount TEXT NOT NULL,
    set_at INTEGER NOT NULL
);

CREATE TABLE alerts (
    user_id TEXT NOT NULL,
    per TEXT NOT NULL,
    amount TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, per)
);

CREATE TABLE documents (
    document_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    content BLOB NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE INDEX documents_of_user ON documents (user_id, document_id DESC);
