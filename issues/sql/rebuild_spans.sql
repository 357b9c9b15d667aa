-- The spans of many issues at once, told from their events as issues.history.stays does; what stands already is not
-- touched. Issues with a row on the public map only: of any other the public place is not known here.
--
-- Parameters: first, last (issue keys, inclusive); arrays statuses and layers: the public layer of each status.
-- Columns: changed (rows written or removed).
WITH shown AS (
    SELECT row.issue_id, row.city_id, row.category_id, row.department_id, row.jurisdiction_id, row.q, row.day, city.zone
    FROM issues_publicissue AS row
    JOIN geodata_city AS city ON city.id = row.city_id
    WHERE row.issue_id BETWEEN %(first)s AND %(last)s
),
told AS (
    SELECT shown.issue_id, event.seq, event.status,
        max(greatest((event.at AT TIME ZONE shown.zone)::date, shown.day)) OVER past AS day,
        coalesce(max(event.seq) FILTER (WHERE event.step = 'hide') OVER past, 0)
            > coalesce(max(event.seq) FILTER (WHERE event.step = 'unhide') OVER past, 0) AS hidden
    FROM shown
    JOIN issues_event AS event ON event.issue_id = shown.issue_id
    WINDOW past AS (PARTITION BY shown.issue_id ORDER BY event.seq)
),
evenings AS (
    SELECT DISTINCT ON (told.issue_id, told.day) told.issue_id, told.day,
        CASE WHEN NOT told.hidden THEN known.layer END AS layer
    FROM told
    JOIN unnest(%(statuses)s::text[], %(layers)s::smallint[]) AS known (status, layer) ON known.status = told.status
    ORDER BY told.issue_id, told.day, told.seq DESC
),
turns AS (
    SELECT issue_id, day, layer, layer IS DISTINCT FROM lag(layer) OVER (PARTITION BY issue_id ORDER BY day) AS turned
    FROM evenings
),
stays AS (
    SELECT issue_id, layer, day AS since, lead(day) OVER (PARTITION BY issue_id ORDER BY day) AS until
    FROM turns
    WHERE turned
),
wanted AS MATERIALIZED (
    SELECT shown.issue_id, shown.city_id, shown.category_id, shown.department_id, shown.jurisdiction_id, shown.q,
        shown.day, stays.layer, stays.since, stays.until
    FROM stays
    JOIN shown USING (issue_id)
    WHERE stays.layer IS NOT NULL
),
gone AS (
    DELETE FROM issues_publicspan AS span
    USING shown
    WHERE span.issue_id = shown.issue_id
        AND NOT EXISTS (SELECT FROM wanted WHERE wanted.issue_id = span.issue_id AND wanted.since = span.since)
    RETURNING span.id
),
kept AS (
    INSERT INTO issues_publicspan AS span
        (issue_id, city_id, category_id, department_id, jurisdiction_id, q, day, layer, since, until)
    SELECT issue_id, city_id, category_id, department_id, jurisdiction_id, q, day, layer, since, until
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
    RETURNING span.id
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM kept) AS changed
