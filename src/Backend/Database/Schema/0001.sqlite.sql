CREATE TABLE threads (
    thread_no INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    head INTEGER NOT NULL,
    UNIQUE (user_id, thread_id)
);
CREATE INDEX threads_recent ON threads (user_id, updated_at DESC, thread_no DESC);

-- The log. One owner per thread number, so (thread_no, seq) is (user, thread, seq).
CREATE TABLE events (
    thread_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event BLOB NOT NULL,
    PRIMARY KEY (thread_no, seq)
) WITHOUT ROWID;

-- What ?query= looks through: questions and answers, lower-cased.
CREATE TABLE utterances (
    thread_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (thread_no, seq)
) WITHOUT ROWID;

CREATE TABLE runs (
    run_no INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    thread_no INTEGER NOT NULL,
    run_id TEXT NOT NULL,
    input BLOB NOT NULL,
    input_hash TEXT NOT NULL,
    status TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    accepted_head INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    first_seq INTEGER,
    last_seq INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    traceparent TEXT,
    UNIQUE (user_id, run_id)
);
CREATE INDEX runs_of_thread ON runs (thread_no, run_no);
CREATE INDEX runs_open ON runs (thread_no) WHERE finished_at IS NULL;

-- Idempotency keys of run.start, kept for 24 hours.
CREATE TABLE run_requests (
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    input_hash TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    head INTEGER NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, request_id)
) WITHOUT ROWID;
CREATE INDEX run_requests_age ON run_requests (accepted_at);

-- The journal's step results.
CREATE TABLE run_steps (
    run_no INTEGER NOT NULL,
    step_key TEXT NOT NULL,
    result BLOB NOT NULL,
    PRIMARY KEY (run_no, step_key)
);

CREATE TABLE facts (
    fact_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    thread_no INTEGER NOT NULL,
    fact BLOB NOT NULL
);
CREATE INDEX facts_of_thread ON facts (thread_no);
CREATE INDEX facts_of_user ON facts (user_id);

CREATE TABLE files (
    file_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    file BLOB NOT NULL,
    UNIQUE (user_id, sha256, name)
);
CREATE INDEX files_of_user ON files (user_id, file_id DESC);

-- The replica of auth's users, and how far the feed has been read.
CREATE TABLE users (
    user_id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    tier TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    applied_at INTEGER NOT NULL
);

-- session_id is '' where all of a user's sessions begun until revoked_at are meant.
CREATE TABLE revocations (
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    revoked_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, session_id)
) WITHOUT ROWID;

CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;
