-- The next number of a city's year; the row stays locked until the transaction ends, so no number is given twice.
--
-- Parameters: city_id, year.
-- Columns: last.
INSERT INTO issues_series (city_id, year, last)
VALUES (%(city_id)s, %(year)s, 1)
ON CONFLICT (city_id, year) DO UPDATE SET last = issues_series.last + 1
RETURNING last
