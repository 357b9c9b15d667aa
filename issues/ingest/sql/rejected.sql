-- The rows that cannot be loaded, or came in with something missing, in the order of the file.
--
-- Parameters: after (line), most.
-- Columns: line, external_id, faults (JSON list).
SELECT line, external_id, faults::text AS faults
FROM ingest_staging
WHERE faults <> '[]' AND line > %(after)s
ORDER BY line
LIMIT %(most)s
