-- Name the rows that lie on a point which too many rows share: where a form puts its pin, nobody lives.
--
-- Parameters: share (of all rows), least (rows), code of the fault, keep (whether such rows come in without a point).
-- Columns: changed.
WITH crowded AS (
    SELECT lon, lat, count(*) AS rows, count(*)::float8 / (SELECT count(*) FROM ingest_staging) AS share
    FROM ingest_staging
    WHERE lon IS NOT NULL
    GROUP BY lon, lat
    HAVING count(*) >= %(least)s AND count(*) > %(share)s * (SELECT count(*) FROM ingest_staging)
),
changed AS (
    UPDATE ingest_staging AS staged
    SET faults = CASE WHEN %(keep)s THEN staged.faults ELSE staged.faults || to_jsonb(
            %(code)s::text || chr(31) || crowded.rows || ' × ' || crowded.lat || ', ' || crowded.lon
        ) END,
        dropped = CASE WHEN %(keep)s THEN %(code)s ELSE staged.dropped END,
        lon = CASE WHEN %(keep)s THEN NULL ELSE staged.lon END,
        lat = CASE WHEN %(keep)s THEN NULL ELSE staged.lat END
    FROM crowded
    WHERE crowded.lon = staged.lon AND crowded.lat = staged.lat
    RETURNING staged.line
)
SELECT count(*) AS changed FROM changed
