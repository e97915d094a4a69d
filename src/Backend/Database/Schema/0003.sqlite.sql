-- Which node works on a run. A node holds one lease for all that it works on; when that has run out, others take its runs up.
ALTER TABLE runs ADD COLUMN node TEXT;
CREATE TABLE nodes (
    node TEXT PRIMARY KEY,
    silo TEXT NOT NULL,
    lease_until INTEGER NOT NULL
) WITHOUT ROWID;

-- What has just ended is looked for each second, for those who follow it on another node.
CREATE INDEX runs_ended ON runs (finished_at) WHERE finished_at IS NOT NULL;
