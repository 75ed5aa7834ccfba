-- What was refused, and why: by a gate before anything began, by a person, by a brake on the way, or by the service.
--
-- since  date  the first day (1 3 5 7)
-- until  date  the last day (2 4 6 8)
SELECT
  ts AS at,
  'gate ' || json_extract_scalar(gate, '$.gate') AS refused_by,
  json_extract_scalar(gate, '$.reason') AS reason,
  json_extract_scalar(body, '$.decision.verdict') AS so,
  json_extract_scalar(body, '$.decision.policy') AS policy,
  json_extract_scalar(body, '$.finding.subject.arn') AS subject,
  incident_id AS incident,
  seq
FROM records
CROSS JOIN UNNEST(TRY_CAST(json_extract(body, '$.decision.rows') AS array(json))) AS t(gate)
WHERE kind IN ('DECISION', 'SUPPRESSED')
  AND json_extract_scalar(gate, '$.allowed') = 'false'
  AND dt BETWEEN ? AND ?
UNION ALL
SELECT
  ts,
  'person ' || coalesce(json_extract_scalar(body, '$.by'), '(nobody answered)'),
  json_extract_scalar(body, '$.answer'),
  'no action',
  NULL,
  NULL,
  incident_id,
  seq
FROM records
WHERE kind = 'APPROVAL'
  AND json_extract_scalar(body, '$.answer') IN ('rejected', 'expired')
  AND dt BETWEEN ? AND ?
UNION ALL
SELECT
  ts,
  'stop on the way',
  json_extract_scalar(body, '$.reason'),
  json_extract_scalar(body, '$.state'),
  json_extract_scalar(body, '$.policy'),
  json_extract_scalar(body, '$.subject'),
  incident_id,
  seq
FROM records
WHERE kind = 'CLOSE'
  AND json_extract_scalar(body, '$.state') = 'ABORTED'
  AND dt BETWEEN ? AND ?
UNION ALL
SELECT
  ts,
  'the service, to ' || actor,
  json_extract_scalar(body, '$.action'),
  json_extract_scalar(body, '$.status'),
  NULL,
  json_extract_scalar(body, '$.target'),
  incident_id,
  seq
FROM records
WHERE kind = 'OUTCOME'
  AND json_extract_scalar(body, '$.status') IN ('DENIED', 'REFUSED')
  AND dt BETWEEN ? AND ?
ORDER BY at, incident, seq, refused_by
