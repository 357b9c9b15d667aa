-- How many people have the same problem as each of some issues: who said so there, or at a duplicate that
-- the public may see. A person counts once, wherever they said it.
-- Parameters: issues (ids).
SELECT asked.id AS issue_id, COUNT(DISTINCT support.person) AS people
FROM UNNEST(%(issues)s::bigint[]) AS asked (id)
CROSS JOIN LATERAL (
    SELECT asked.id AS id
    UNION ALL
    SELECT merged.id
    FROM issues_issue AS merged
    WHERE merged.merged_into_id = asked.id AND NOT merged.hidden AND NOT merged.confidential AND NOT merged.held
) AS told
JOIN issues_support AS support ON support.issue_id = told.id
GROUP BY asked.id
