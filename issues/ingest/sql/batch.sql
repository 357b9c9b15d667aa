-- A stretch of the sound rows, in order.
--
-- Parameters: first, last (places, inclusive).
-- Columns: those of the staging table, and place.
SELECT * FROM ingest_ready WHERE place BETWEEN %(first)s AND %(last)s ORDER BY place
