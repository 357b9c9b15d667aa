-- Take a stretch of numbers of each year at once; the stretch of a year ends at `last`.
--
-- Parameters: city_id; arrays years, counts (how many numbers of each year).
-- Columns: year, last.
INSERT INTO issues_series (city_id, year, last)
SELECT %(city_id)s, year, count
FROM unnest(%(years)s::smallint[], %(counts)s::integer[]) AS wanted (year, count)
-- in one order, so that two imports do not wait for each other in a circle
ORDER BY year
ON CONFLICT (city_id, year) DO UPDATE SET last = issues_series.last + EXCLUDED.last
RETURNING year, last
