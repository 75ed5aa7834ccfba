-- Actions that nobody approved, and by what right: only where the right is NONE did something go wrong.
--
-- What counts is an approval of the very plan that was acted on, the last that was drawn. An undoing needs no approval: it
-- takes back what was done, and leaves what was approved. Decisions, plans and approvals are looked for up to 35 days before
-- the first day, for temporary measures last.
--
-- since  date  the first day (1 2 3 4)
-- until  date  the last day (5)
WITH agreed AS (
  SELECT incident_id, json_extract_scalar(body, '$.digest') AS plan, min(seq) AS seq
  FROM records
  WHERE kind = 'APPROVAL'
    AND json_extract_scalar(body, '$.answer') = 'approved'
    AND json_extract_scalar(body, '$.complete') = 'true'
    AND dt >= CAST(CAST(date_add('day', -35, CAST(? AS date)) AS date) AS varchar)
  GROUP BY 1, 2
), drawn AS (
  SELECT
    incident_id,
    json_extract_scalar(body, '$.digest') AS plan,
    seq,
    lead(seq) OVER (PARTITION BY incident_id ORDER BY seq) AS seq_after
  FROM records
  WHERE kind = 'PLAN'
    AND dt >= CAST(CAST(date_add('day', -35, CAST(? AS date)) AS date) AS varchar)
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
LEFT JOIN drawn
  ON drawn.incident_id = acted.incident_id
  AND drawn.seq < acted.seq
  AND acted.seq < coalesce(drawn.seq_after, acted.seq + 1)
LEFT JOIN agreed
  ON agreed.incident_id = acted.incident_id AND agreed.plan = drawn.plan AND agreed.seq < acted.seq
LEFT JOIN decided ON decided.incident_id = acted.incident_id
WHERE acted.kind = 'INTENT'
  AND agreed.seq IS NULL
  AND acted.dt BETWEEN ? AND ?
ORDER BY at, incident, seq
