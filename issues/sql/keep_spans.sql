-- The spans of one issue become the wanted ones; what stands already is not touched.
--
-- Parameters: issue_id, city_id, category_id, department_id, jurisdiction_id, q, day; arrays layers, sinces, untils.
-- Columns: changed (rows written or removed).
WITH wanted AS (
    SELECT layer, since, until
    FROM unnest(%(layers)s::smallint[], %(sinces)s::date[], %(untils)s::date[]) AS stay (layer, since, until)
),
gone AS (
    DELETE FROM issues_publicspan
    WHERE issue_id = %(issue_id)s AND since NOT IN (SELECT since FROM wanted)
    RETURNING id
),
kept AS (
    INSERT INTO issues_publicspan AS span
        (issue_id, city_id, category_id, department_id, jurisdiction_id, q, day, layer, since, until)
    SELECT %(issue_id)s, %(city_id)s, %(category_id)s, %(department_id)s, %(jurisdiction_id)s,
        %(q)s::bigint, %(day)s::date, layer, since, until
    FROM wanted
    ON CONFLICT (issue_id, since) DO UPDATE
    SET (category_id, department_id, jurisdiction_id, q, day, layer, until) = (
        EXCLUDED.category_id, EXCLUDED.department_id, EXCLUDED.jurisdiction_id, EXCLUDED.q, EXCLUDED.day,
        EXCLUDED.layer, EXCLUDED.until
    )
    WHERE (span.category_id, span.department_id, span.jurisdiction_id, span.q, span.day, span.layer, span.until)
        IS DISTINCT FROM (
            EXCLUDED.category_id, EXCLUDED.department_id, EXCLUDED.jurisdiction_id, EXCLUDED.q, EXCLUDED.day,
            EXCLUDED.layer, EXCLUDED.until
        )
    RETURNING id
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM kept) AS changed
