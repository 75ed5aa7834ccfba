-- The audit, a row for each record; a record that was exported twice stands here once.
SELECT DISTINCT
  dt,
  json_extract_scalar(line, '$.incident_id') AS incident_id,
  CAST(json_extract_scalar(line, '$.seq') AS integer) AS seq,
  json_extract_scalar(line, '$.kind') AS kind,
  json_extract_scalar(line, '$.ts') AS ts,
  json_extract_scalar(line, '$.actor') AS actor,
  json_extract_scalar(line, '$.mode') AS mode,
  json_extract_scalar(line, '$.prev') AS prev,
  json_extract_scalar(line, '$.hash') AS hash,
  json_format(json_extract(line, '$.body')) AS body
FROM audit_lines
