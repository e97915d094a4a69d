-- Under which name the rows of a file are kept, and what their bytes hash to. Several files of an owner may share one content.
ALTER TABLE files ADD COLUMN content text;
ALTER TABLE files ADD COLUMN content_sha256 text;
UPDATE files SET content = sha256;
CREATE INDEX files_of_content ON files (user_id, content);
