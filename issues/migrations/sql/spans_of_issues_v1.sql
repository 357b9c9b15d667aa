-- The days on which the public map showed each issue that stands on it, told from the issue's events.
-- Duplicates, which have no row on the map, follow by `manage.py rebuild_history`.
INSERT INTO issues_publicspan
    (issue_id, city_id, category_id, department_id, jurisdiction_id, q, day, layer, since, until)
WITH shown AS (
    SELECT row.issue_id, row.city_id, row.category_id, row.department_id, row.jurisdiction_id, row.q, row.day, city.zone
    FROM issues_publicissue AS row
    JOIN geodata_city AS city ON city.id = row.city_id
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
    JOIN (VALUES
        ('submitted', 0), ('verified', 0), ('assigned', 0), ('responded', 1), ('scheduled', 1), ('needs_info', 1),
        ('forwarded', 1), ('in_progress', 2), ('fixed', 2), ('resolved', 3), ('rejected', 4), ('withdrawn', 4),
        ('duplicate', NULL)
    ) AS known (status, layer) ON known.status = told.status
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
)
SELECT shown.issue_id, shown.city_id, shown.category_id, shown.department_id, shown.jurisdiction_id, shown.q, shown.day,
    stays.layer, stays.since, stays.until
FROM stays
JOIN shown USING (issue_id)
WHERE stays.layer IS NOT NULL
