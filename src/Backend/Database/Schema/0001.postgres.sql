CREATE TABLE threads (
    thread_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text NOT NULL,
    thread_id text NOT NULL,
    title text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    head bigint NOT NULL,
    UNIQUE (user_id, thread_id)
);
CREATE INDEX threads_recent ON threads (user_id, updated_at DESC, thread_no DESC);

-- The log. One owner per thread number, so (thread_no, seq) is (user, thread, seq).
CREATE TABLE events (
    thread_no bigint NOT NULL,
    seq bigint NOT NULL,
    event bytea NOT NULL,
    PRIMARY KEY (thread_no, seq)
);

-- What ?query= looks through: questions and answers, lower-cased.
CREATE TABLE utterances (
    thread_no bigint NOT NULL,
    seq bigint NOT NULL,
    text text NOT NULL,
    PRIMARY KEY (thread_no, seq)
);

CREATE TABLE runs (
    run_no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id text NOT NULL,
    thread_no bigint NOT NULL,
    run_id text NOT NULL,
    input bytea NOT NULL,
    input_hash text NOT NULL,
    status text NOT NULL,
    accepted_at bigint NOT NULL,
    accepted_head bigint NOT NULL,
    started_at bigint,
    finished_at bigint,
    first_seq bigint,
    last_seq bigint,
    attempts bigint NOT NULL DEFAULT 0,
    cancel_asked bigint NOT NULL DEFAULT 0,
    outcome text,
    traceparent text,
    UNIQUE (user_id, run_id)
);
CREATE INDEX runs_of_thread ON runs (thread_no, run_no);
CREATE INDEX runs_open ON runs (thread_no) WHERE finished_at IS NULL;

-- Idempotency keys of run.start, kept for 24 hours.
CREATE TABLE run_requests (
    user_id text NOT NULL,
    request_id text NOT NULL,
    input_hash text NOT NULL,
    thread_id text NOT NULL,
    run_id text NOT NULL,
    head bigint NOT NULL,
    accepted_at bigint NOT NULL,
    PRIMARY KEY (user_id, request_id)
);
CREATE INDEX run_requests_age ON run_requests (accepted_at);

-- The journal's step results.
CREATE TABLE run_steps (
    run_no bigint NOT NULL,
    step_key text NOT NULL,
    result bytea NOT NULL,
    PRIMARY KEY (run_no, step_key)
);

CREATE TABLE facts (
    fact_id text PRIMARY KEY,
    user_id text NOT NULL,
    thread_no bigint NOT NULL,
    fact bytea NOT NULL
);
CREATE INDEX facts_of_thread ON facts (thread_no);
CREATE INDEX facts_of_user ON facts (user_id);

CREATE TABLE files (
    file_id text COLLATE "C" PRIMARY KEY,
    user_id text NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    file bytea NOT NULL,
    UNIQUE (user_id, sha256, name)
);
CREATE INDEX files_of_user ON files (user_id, file_id DESC);

-- The replica of auth's users, and how far the feed has been read.
CREATE TABLE users (
    user_id text PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    tier text NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    created_at bigint NOT NULL,
    applied_at bigint NOT NULL
);

-- session_id is '' where all of a user's sessions begun until revoked_at are meant.
CREATE TABLE revocations (
    user_id text NOT NULL,
    session_id text NOT NULL,
    revoked_at bigint NOT NULL,
    PRIMARY KEY (user_id, session_id)
);

CREATE TABLE cursors (
    name text PRIMARY KEY,
    position bigint NOT NULL
);
