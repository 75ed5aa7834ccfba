-- Completeness (M10): of the calls by our roles that changed something, how many the audit has, day by day, in percent.
--
-- since  date  the first day (1 3 5)
-- until  date  the last day (2 4 6)
WITH
-- include pairing
SELECT
  changes.day,
  count(*) AS calls,
  count(owned.event) AS recorded,
  round(100.0 * count(owned.event) / count(*), 2) AS percent
FROM changes
LEFT JOIN owned ON owned.event = changes.event AND owned.nth = 1
WHERE changes.day BETWEEN replace(?, '-', '/') AND replace(?, '-', '/')
GROUP BY changes.day
ORDER BY changes.day
