-- The audit, a row for each record; a record that was exported twice stands here once.
-- What was not written by record has no number and no time where it says none: one such line silences no query.
SELECT DISTINCT
  dt,
  json_extract_scalar(line, '$.incident_id') AS incident_id,
  TRY_CAST(json_extract_scalar(line, '$.seq') AS integer) AS seq,
  json_extract_scalar(line, '$.kind') AS kind,
  CASE
    WHEN TRY(from_iso8601_timestamp(json_extract_scalar(line, '$.ts'))) IS NOT NULL THEN json_extract_scalar(line, '$.ts')
  END AS ts,
  json_extract_scalar(line, '$.actor') AS actor,
  json_extract_scalar(line, '$.mode') AS mode,
  json_extract_scalar(line, '$.prev') AS prev,
  json_extract_scalar(line, '$.hash') AS hash,
  json_format(json_extract(line, '$.body')) AS body
FROM audit_lines
