-- Which node works on a run. A node holds one lease for all that it works on; when that has run out, others take its runs up.
ALTER TABLE runs ADD COLUMN node text;
CREATE TABLE nodes (
    node text PRIMARY KEY,
    silo text NOT NULL,
    lease_until bigint NOT NULL
);

-- What has just ended is looked for each second, for those who follow it on another node.
CREATE INDEX runs_ended ON runs (finished_at) WHERE finished_at IS NOT NULL;
