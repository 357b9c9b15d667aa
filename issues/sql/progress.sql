-- How the issues fared that a city received in a period: counts, and the seconds that they waited where, by department,
--   by district, by month of receipt and in all. Duplicates count with their original, parts with their whole.
-- Columns: what ('department', 'area', 'month', 'all'), key, received, open, overdue, closed, resolved, on_time, judged,
--   reopened, reopened_open, waited (seconds in each stage, in the order of `workflow.Stage`).
-- Parameters: city (id), since, until (instants, the second one excluded), now, zone, public (only what everybody sees),
--   statuses, stages (arrays of equal length: the stage of each open status, from 1).
WITH cases AS (
    SELECT issue.department_id,
        COALESCE(NULLIF(area.parent_code, ''), area.code, '') AS area,
        to_char(issue.received_at AT TIME ZONE %(zone)s, 'YYYY-MM') AS month,
        issue.status, issue.due_at, issue.closed_at, issue.paused_at, issue.reopenings, issue.spent,
        issue.closed_at IS NULL AS is_open,
        stage.nth AS stage,
        EXTRACT(epoch FROM %(now)s::timestamptz - issue.stood_since)::bigint AS standing
    FROM issues_issue AS issue
    LEFT JOIN geodata_jurisdiction AS area ON area.id = issue.jurisdiction_id
    LEFT JOIN UNNEST(%(statuses)s::text[], %(stages)s::int[]) AS stage (status, nth) ON stage.status = issue.status
    WHERE issue.city_id = %(city)s
      AND issue.received_at >= %(since)s AND issue.received_at < %(until)s
      AND issue.parent_id IS NULL
      AND issue.status <> 'duplicate'
      AND (NOT %(public)s OR EXISTS (SELECT FROM issues_publicissue AS shown WHERE shown.issue_id = issue.id))
)
SELECT
    CASE GROUPING(department_id, area, month)
        WHEN 3 THEN 'department' WHEN 5 THEN 'area' WHEN 6 THEN 'month' ELSE 'all' END AS what,
    CASE GROUPING(department_id, area, month)
        WHEN 3 THEN COALESCE(department_id::text, '') WHEN 5 THEN area WHEN 6 THEN month ELSE '' END AS key,
    COUNT(*) AS received,
    COUNT(*) FILTER (WHERE is_open) AS open,
    COUNT(*) FILTER (WHERE is_open AND paused_at IS NULL AND due_at < %(now)s) AS overdue,
    COUNT(*) FILTER (WHERE NOT is_open) AS closed,
    COUNT(*) FILTER (WHERE status = 'resolved') AS resolved,
    COUNT(*) FILTER (WHERE status = 'resolved' AND closed_at <= due_at) AS on_time,
    COUNT(*) FILTER (WHERE status = 'resolved' OR (is_open AND paused_at IS NULL AND due_at < %(now)s)) AS judged,
    COUNT(*) FILTER (WHERE reopenings > 0) AS reopened,
    COUNT(*) FILTER (WHERE reopenings > 0 AND is_open) AS reopened_open,
    ARRAY[
        COALESCE(SUM(spent[1] + CASE WHEN is_open AND stage = 1 THEN standing ELSE 0 END), 0),
        COALESCE(SUM(spent[2] + CASE WHEN is_open AND stage = 2 THEN standing ELSE 0 END), 0),
        COALESCE(SUM(spent[3] + CASE WHEN is_open AND stage = 3 THEN standing ELSE 0 END), 0),
        COALESCE(SUM(spent[4] + CASE WHEN is_open AND stage = 4 THEN standing ELSE 0 END), 0),
        COALESCE(SUM(spent[5] + CASE WHEN is_open AND stage = 5 THEN standing ELSE 0 END), 0),
        COALESCE(SUM(spent[6] + CASE WHEN is_open AND stage = 6 THEN standing ELSE 0 END), 0)
    ]::bigint[] AS waited
FROM cases
GROUP BY GROUPING SETS ((department_id), (area), (month), ())
