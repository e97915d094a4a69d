-- The newest events of all threads, in the order in which they came; src/Backend/Threads/RecentEvents.cs says why.
CREATE TABLE recent_events (
    arrival INTEGER PRIMARY KEY,
    thread_no INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    event BLOB NOT NULL,
    UNIQUE (thread_no, seq)
);
