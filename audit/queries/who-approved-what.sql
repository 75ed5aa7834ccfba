-- Who approved what: each answer of a person, the plan it was for, and how many changes were made under it.
--
-- since  date  the first day (1 2 3)
-- until  date  the last day (4)
WITH asked AS (
  SELECT
    incident_id,
    json_extract_scalar(body, '$.digest') AS plan,
    json_extract_scalar(body, '$.title') AS title,
    json_extract_scalar(body, '$.policy') AS policy,
    json_extract_scalar(body, '$.subject') AS subject
  FROM records
  WHERE kind = 'APPROVAL'
    AND json_extract_scalar(body, '$.answer') IS NULL
    AND dt >= CAST(CAST(date_add('day', -1, CAST(? AS date)) AS date) AS varchar)
), changed AS (
  SELECT incident_id, count(*) AS changes
  FROM records
  WHERE kind = 'OUTCOME'
    AND json_extract_scalar(body, '$.status') IN ('DONE', 'RECOVERED', 'UNKNOWN')
    AND dt >= ?
  GROUP BY incident_id
)
SELECT
  answer.ts AS at,
  json_extract_scalar(answer.body, '$.by') AS person,
  json_extract_scalar(answer.body, '$.caller') AS caller,
  json_extract_scalar(answer.body, '$.answer') AS answer,
  json_extract_scalar(answer.body, '$.complete') AS final,
  asked.policy,
  asked.subject,
  asked.title,
  substr(json_extract_scalar(answer.body, '$.digest'), 1, 12) AS plan,
  coalesce(changed.changes, 0) AS changes,
  answer.incident_id AS incident
FROM records AS answer
LEFT JOIN asked
  ON asked.incident_id = answer.incident_id AND asked.plan = json_extract_scalar(answer.body, '$.digest')
LEFT JOIN changed ON changed.incident_id = answer.incident_id
WHERE answer.kind = 'APPROVAL'
  AND json_extract_scalar(answer.body, '$.answer') IS NOT NULL
  AND answer.dt BETWEEN ? AND ?
ORDER BY at, incident
