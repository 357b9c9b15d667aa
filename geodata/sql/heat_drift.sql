-- What the totals must hold: scope, code, n, of the table less the delta that waits; one snapshot.
-- The place in braces takes the entries of the table. Parameter: source.
SELECT scope, code, sum(n) AS n FROM (
    SELECT scope, code, count(*) AS n FROM ({entries}) e GROUP BY scope, code
    UNION ALL
    SELECT scope, code, -sum(n) FROM heat_delta WHERE source = %(source)s GROUP BY scope, code
) counted
GROUP BY scope, code
