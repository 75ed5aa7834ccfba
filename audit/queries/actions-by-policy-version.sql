-- What each version of each policy has done: a version is the digest of what it does, whatever its title.
--
-- Decisions are looked for up to 35 days before the first day, for temporary measures last.
--
-- since  date  the first day (1 2)
-- until  date  the last day (3)
WITH decided AS (
  SELECT
    incident_id,
    max_by(json_extract_scalar(body, '$.decision.policy'), seq) AS policy,
    max_by(json_extract_scalar(body, '$.decision.policy_digest'), seq) AS version
  FROM records
  WHERE kind IN ('DECISION', 'SUPPRESSED')
    AND dt >= CAST(CAST(date_add('day', -35, CAST(? AS date)) AS date) AS varchar)
  GROUP BY incident_id
)
SELECT
  decided.policy,
  substr(decided.version, 1, 12) AS version,
  acted.mode,
  json_extract_scalar(acted.body, '$.action') AS action,
  json_extract_scalar(acted.body, '$.direction') AS direction,
  json_extract_scalar(acted.body, '$.status') AS status,
  count(*) AS actions,
  count(DISTINCT acted.incident_id) AS incidents,
  min(acted.ts) AS first_at,
  max(acted.ts) AS last_at
FROM records AS acted
LEFT JOIN decided ON decided.incident_id = acted.incident_id
WHERE acted.kind = 'OUTCOME'
  AND acted.dt BETWEEN ? AND ?
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 9, 2, 3, 4, 5, 6
