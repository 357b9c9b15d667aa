-- How often each fault was found; a row may have several.
--
-- Columns: code, rows.
SELECT split_part(fault, chr(31), 1) AS code, count(DISTINCT line) AS rows
FROM ingest_staging, jsonb_array_elements_text(faults) AS fault
GROUP BY code
ORDER BY rows DESC, code
