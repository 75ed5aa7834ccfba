-- Calls by our roles that changed something and that no intent of the audit owns: each intent owns one call at most.
--
-- since  date  the first day (1 3 5)
-- until  date  the last day (2 4 6)
WITH
-- include pairing
SELECT
  changes.at,
  changes.session AS hand,
  changes.service,
  changes.operation,
  changes.parameters,
  changes.error,
  changes.region,
  changes.role,
  changes.event
FROM changes
LEFT JOIN owned ON owned.event = changes.event AND owned.nth = 1
WHERE owned.event IS NULL
  AND changes.day BETWEEN replace(?, '-', '/') AND replace(?, '-', '/')
ORDER BY changes.at, changes.event
