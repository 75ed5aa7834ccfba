-- Where a chain is broken: what is missing, stands twice, does not follow or is no record, and chains without an end.
--
-- Each chain is read from its beginning to its end, and told of are the gaps of these days. A copy that was made since a day
-- lacks what was before. `edsr audit verify` works out every hash anew.
--
-- since  date  the first day (1)
-- until  date  the last day (2)
WITH chained AS (
  SELECT
    incident_id,
    dt,
    seq,
    kind,
    json_extract_scalar(body, '$.decision.verdict') AS verdict,
    ts,
    prev,
    lag(seq, 1, 0) OVER (PARTITION BY incident_id ORDER BY seq, hash) AS seq_before,
    lag(hash) OVER (PARTITION BY incident_id ORDER BY seq, hash) AS hash_before,
    lead(seq) OVER (PARTITION BY incident_id ORDER BY seq, hash) AS seq_after
  FROM records
)
SELECT
  incident_id AS incident,
  seq,
  kind,
  ts AS at,
  CASE
    WHEN seq IS NULL OR ts IS NULL THEN 'it is no record'
    WHEN seq = seq_before THEN 'there are two of this number'
    WHEN seq > seq_before + 1 THEN 'missing before it: ' || CAST(seq - seq_before - 1 AS varchar)
    WHEN prev <> hash_before THEN 'it does not follow the record before'
    WHEN seq = 1 AND incident_id NOT LIKE 'CTL#%' AND prev <> lpad('', 64, '0') THEN 'it is the first, and follows another'
    ELSE 'the last for a day, and not an end'
  END AS gap
FROM chained
WHERE dt BETWEEN ? AND ?
  AND (
    seq IS NULL
    OR ts IS NULL
    OR seq = seq_before
    OR seq > seq_before + 1
    OR prev <> hash_before
    OR (seq = 1 AND incident_id NOT LIKE 'CTL#%' AND prev <> lpad('', 64, '0'))
    OR (
      seq_after IS NULL
      AND (kind IN ('PLAN', 'APPROVAL', 'INTENT', 'OUTCOME') OR verdict IN ('act', 'ask'))
      AND from_iso8601_timestamp(ts) < current_timestamp - INTERVAL '1' DAY
    )
  )
ORDER BY incident, seq
