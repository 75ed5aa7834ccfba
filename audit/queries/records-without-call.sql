-- Actions that the audit says were done and that no call in the trail shows.
--
-- The trail comes late: what is younger than half an hour is not asked about.
--
-- since  date  the first day (1 3 5)
-- until  date  the last day (2 4 6)
WITH
-- include pairing
SELECT
  done.ts AS at,
  done.actor AS hand,
  json_extract_scalar(done.body, '$.action') AS action,
  json_extract_scalar(done.body, '$.direction') AS direction,
  json_extract_scalar(done.body, '$.target') AS resource,
  json_extract_scalar(done.body, '$.status') AS status,
  done.incident_id AS incident,
  done.seq
FROM records AS done
LEFT JOIN owned
  ON owned.incident_id = done.incident_id
  AND owned.step = json_extract_scalar(done.body, '$.step')
  AND owned.direction = json_extract_scalar(done.body, '$.direction')
  AND owned.seq < done.seq
WHERE done.kind = 'OUTCOME'
  AND json_extract_scalar(done.body, '$.status') IN ('DONE', 'RECOVERED')
  AND done.dt BETWEEN ? AND ?
  AND from_iso8601_timestamp(done.ts) < current_timestamp - INTERVAL '30' MINUTE
  AND owned.event IS NULL
ORDER BY at, incident, seq
