-- How many working days it took to the first response and to the closing of issues received in a period: for each
--   department, district and in all, how often each number of days occurred.
-- Columns: what ('department', 'area', 'all'), key, kind ('response', 'closure'), days, n.
-- Parameters: as of `progress.sql`; days (dates), nth (how many working days there were up to and including each).
WITH calendar AS (
    SELECT day, nth FROM UNNEST(%(days)s::date[], %(nth)s::int[]) AS known (day, nth)
),
reached AS (
    SELECT issue.department_id,
        COALESCE(NULLIF(area.parent_code, ''), area.code, '') AS area,
        reached.kind,
        GREATEST(until.nth - since.nth, 0) AS days
    FROM issues_issue AS issue
    LEFT JOIN geodata_jurisdiction AS area ON area.id = issue.jurisdiction_id
    CROSS JOIN LATERAL (
        VALUES ('response', issue.responded_at),
            ('closure', CASE WHEN issue.status = 'resolved' THEN issue.closed_at END)
    ) AS reached (kind, at)
    JOIN calendar AS since ON since.day = (issue.received_at AT TIME ZONE %(zone)s)::date
    JOIN calendar AS until ON until.day = (reached.at AT TIME ZONE %(zone)s)::date
    WHERE issue.city_id = %(city)s
      AND issue.received_at >= %(since)s AND issue.received_at < %(until)s
      AND issue.parent_id IS NULL
      AND issue.status <> 'duplicate'
      AND (NOT %(public)s OR EXISTS (SELECT FROM issues_publicissue AS shown WHERE shown.issue_id = issue.id))
)
SELECT
    CASE GROUPING(department_id, area) WHEN 1 THEN 'department' WHEN 2 THEN 'area' ELSE 'all' END AS what,
    CASE GROUPING(department_id, area)
        WHEN 1 THEN COALESCE(department_id::text, '') WHEN 2 THEN area ELSE '' END AS key,
    kind, days, COUNT(*) AS n
FROM reached
GROUP BY GROUPING SETS ((department_id, kind, days), (area, kind, days), (kind, days))
