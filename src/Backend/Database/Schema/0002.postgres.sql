-- When the entry at the cursor was made, by which auth knows whether its feed is still the one that was read.
ALTER TABLE cursors ADD COLUMN mark bigint;

-- What was erased of a deleted user, counted with each deletion, until auth has taken the report.
CREATE TABLE erasures (
    user_id text NOT NULL,
    what text NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (user_id, what)
);
