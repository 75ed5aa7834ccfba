-- What people and brakes have switched: the kill switch, latches and demotions, and why.
--
-- since  date  the first day (1)
-- until  date  the last day (2)
SELECT
  ts AS at,
  actor AS person,
  json_extract_scalar(body, '$.switch') AS switched,
  coalesce(
    json_extract_scalar(body, '$.scope'),
    json_extract_scalar(body, '$.latch'),
    json_extract_scalar(body, '$.policy')
  ) AS what,
  json_extract_scalar(body, '$.reason') AS reason,
  json_extract_scalar(body, '$.caller') AS caller,
  json_extract_scalar(body, '$.incident') AS incident
FROM records
WHERE kind = 'CONTROL'
  AND dt BETWEEN ? AND ?
ORDER BY at, person
