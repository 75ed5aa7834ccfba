-- Actions that nobody approved, and by what right: only where the right is NONE did something go wrong.
--
-- An undoing needs no approval: it takes back what was done, and leaves what was approved. Decisions and approvals are
-- looked for up to 35 days before the first day, for temporary measures last.
--
-- since  date  the first day (1 2 3)
-- until  date  the last day (4)
WITH agreed AS (
  SELECT incident_id, min(seq) AS seq
  FROM records
  WHERE kind = 'APPROVAL'
    AND json_extract_scalar(body, '$.answer') = 'approved'
    AND json_extract_scalar(body, '$.complete') = 'true'
    AND dt >= CAST(CAST(date_add('day', -35, CAST(? AS date)) AS date) AS varchar)
  GROUP BY incident_id
), decided AS (
  SELECT
    incident_id,
    max_by(json_extract_scalar(body, '$.decision.verdict'), seq) AS verdict,
    max_by(json_extract_scalar(body, '$.decision.policy'), seq) AS policy
  FROM records
  WHERE kind = 'DECISION'
    AND dt >= CAST(CAST(date_add('day', -35, CAST(? AS date)) AS date) AS varchar)
  GROUP BY incident_id
)
SELECT
  acted.ts AS at,
  json_extract_scalar(acted.body, '$.action') AS action,
  json_extract_scalar(acted.body, '$.target') AS resource,
  json_extract_scalar(acted.body, '$.direction') AS direction,
  acted.mode,
  decided.policy,
  CASE
    WHEN decided.verdict = 'act' THEN 'the policy acts by itself'
    WHEN json_extract_scalar(acted.body, '$.direction') = 'revert' THEN 'it takes back what was done'
    ELSE 'NONE'
  END AS allowed_by,
  acted.actor,
  acted.incident_id AS incident,
  acted.seq
FROM records AS acted
LEFT JOIN agreed ON agreed.incident_id = acted.incident_id AND agreed.seq < acted.seq
LEFT JOIN decided ON decided.incident_id = acted.incident_id
WHERE acted.kind = 'INTENT'
  AND agreed.seq IS NULL
  AND acted.dt BETWEEN ? AND ?
ORDER BY at, incident, seq
