-- Every action on one resource, in order: what was intended, by which hand, and what came of it.
--
-- since     date  the first day (1)
-- until     date  the last day (2)
-- resource  text  its ARN (3)
SELECT
  ts AS at,
  kind,
  json_extract_scalar(body, '$.action') AS action,
  json_extract_scalar(body, '$.direction') AS direction,
  json_extract_scalar(body, '$.status') AS status,
  json_format(json_extract(body, '$.args')) AS arguments,
  json_format(json_extract(body, '$.before')) AS before,
  json_format(json_extract(body, '$.after')) AS after,
  mode,
  actor,
  incident_id AS incident,
  seq
FROM records
WHERE kind IN ('INTENT', 'OUTCOME')
  AND dt BETWEEN ? AND ?
  AND json_extract_scalar(body, '$.target') = ?
ORDER BY at, incident, seq
