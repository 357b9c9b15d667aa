-- How many people have the same problem as each of some issues: who said so there, or at a duplicate that
-- the public may see. A person counts once, wherever they said it; so does a browser, with its account or without.
-- Parameters: issues (ids).
WITH said AS (
    SELECT asked.id, support.person, support.device
    FROM UNNEST(%(issues)s::bigint[]) AS asked (id)
    CROSS JOIN LATERAL (
        SELECT asked.id AS id
        UNION ALL
        SELECT merged.id
        FROM issues_issue AS merged
        JOIN issues_publicdetail AS shown ON shown.issue_id = merged.id
        WHERE merged.merged_into_id = asked.id
    ) AS told
    JOIN issues_support AS support ON support.issue_id = told.id
)
SELECT said.id AS issue_id, COUNT(DISTINCT said.person) AS people
FROM said
WHERE NOT EXISTS (SELECT 1 FROM said AS account WHERE account.id = said.id AND account.device = said.person)
GROUP BY said.id
