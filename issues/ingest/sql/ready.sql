-- Number the sound rows in the order in which the city got them: so they are loaded, and so they get their numbers.
CREATE TEMPORARY TABLE ingest_ready AS
SELECT row_number() OVER (ORDER BY received_at, line) AS place, staged.*
FROM ingest_staging AS staged
WHERE faults = '[]';
CREATE UNIQUE INDEX ON ingest_ready (place);
ANALYZE ingest_ready
