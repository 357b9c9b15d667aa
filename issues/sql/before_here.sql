-- The finished issues of a kind that an issue may repeat: closed as done not long before it was received, near it or
--   about the same thing. Newest first.
-- Parameters: issue_id, since (instant), degrees (a box that holds every place near enough), metres.
-- Source: DOMAIN; the same asset or 30 metres and category within 90 days of "selesai".
SELECT earlier.id, earlier.number,
    CASE WHEN earlier.point IS NULL OR here.point IS NULL THEN NULL
        ELSE ST_DistanceSphere(earlier.point, here.point) END AS metres
FROM issues_issue AS here
JOIN issues_issue AS earlier ON earlier.city_id = here.city_id AND earlier.category_id = here.category_id
WHERE here.id = %(issue_id)s
  AND earlier.id <> here.id
  AND earlier.status = 'resolved'
  AND earlier.parent_id IS NULL
  AND earlier.closed_at BETWEEN %(since)s AND here.received_at
  AND (
    (earlier.point && ST_Expand(here.point, %(degrees)s) AND ST_DistanceSphere(earlier.point, here.point) <= %(metres)s)
    OR EXISTS (
        SELECT FROM issues_issueasset AS mine
        JOIN issues_issueasset AS theirs ON theirs.layer = mine.layer AND theirs.code = mine.code
        WHERE mine.issue_id = here.id AND theirs.issue_id = earlier.id
    )
  )
ORDER BY earlier.closed_at DESC
LIMIT 5
