-- Calls by our roles that changed something and that no intent of the audit owns: each intent owns one call at most.
--
-- since  date  the first day (1 3)
-- until  date  the last day (2 4)
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
ORDER BY changes.at, changes.event
