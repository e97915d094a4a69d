-- SQLite's newest events have a table of their own. Here a table keeps the order of arrival anyway; the versions go together.
SELECT 1;
