-- Who approved what: each answer of a person, the plan it was for, and how many changes were made under it.
--
-- A plan that was drawn again is asked about again: a change was made under the approval before it, and no other. What was
-- undone was no change of the plan's.
--
-- since  date  the first day (1 2 3 4)
-- until  date  the last day (5)
WITH asked AS (
  SELECT
    incident_id,
    json_extract_scalar(body, '$.asked') AS number,
    json_extract_scalar(body, '$.title') AS title,
    json_extract_scalar(body, '$.policy') AS policy,
    json_extract_scalar(body, '$.subject') AS subject
  FROM records
  WHERE kind = 'APPROVAL'
    AND json_extract_scalar(body, '$.answer') IS NULL
    AND dt >= CAST(CAST(date_add('day', -1, CAST(? AS date)) AS date) AS varchar)
), agreed AS (
  SELECT
    incident_id,
    seq,
    json_extract_scalar(body, '$.asked') AS number,
    lead(seq) OVER (PARTITION BY incident_id ORDER BY seq) AS seq_after
  FROM records
  WHERE kind = 'APPROVAL'
    AND json_extract_scalar(body, '$.answer') = 'approved'
    AND json_extract_scalar(body, '$.complete') = 'true'
    AND dt >= ?
), changed AS (
  SELECT agreed.incident_id, agreed.number, count(*) AS changes
  FROM records AS done
  JOIN agreed
    ON agreed.incident_id = done.incident_id
    AND agreed.seq < done.seq
    AND done.seq < coalesce(agreed.seq_after, done.seq + 1)
  WHERE done.kind = 'OUTCOME'
    AND json_extract_scalar(done.body, '$.direction') = 'apply'
    AND json_extract_scalar(done.body, '$.status') IN ('DONE', 'RECOVERED', 'UNKNOWN')
    AND done.dt >= ?
  GROUP BY agreed.incident_id, agreed.number
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
  ON asked.incident_id = answer.incident_id AND asked.number = json_extract_scalar(answer.body, '$.asked')
LEFT JOIN changed
  ON changed.incident_id = answer.incident_id AND changed.number = json_extract_scalar(answer.body, '$.asked')
WHERE answer.kind = 'APPROVAL'
  AND json_extract_scalar(answer.body, '$.answer') IS NOT NULL
  AND answer.dt BETWEEN ? AND ?
ORDER BY at, incident
