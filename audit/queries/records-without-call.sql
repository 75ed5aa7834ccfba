-- Actions that the audit says were done and that no call in the trail shows.
--
-- The trail comes late: what is younger than half an hour is not asked about.
--
-- since  date  the first day (1 3 5)
-- until  date  the last day (2 4 6)
WITH intents AS (
  SELECT
    incident_id,
    seq,
    ts,
    actor,
    json_extract_scalar(body, '$.step') AS step,
    json_extract_scalar(body, '$.direction') AS direction,
    regexp_extract(json_extract_scalar(body, '$.target'), '[^:/]+$') AS named
  FROM records
  WHERE kind = 'INTENT'
    AND dt BETWEEN CAST(CAST(date_add('day', -1, CAST(? AS date)) AS date) AS varchar) AND ?
), changes AS (
  SELECT *
  FROM calls
  WHERE day BETWEEN replace(?, '-', '/') AND replace(?, '-', '/')
    AND operation <> 'CreateLogStream'
    AND (
      session LIKE 'edsr-act-%'
      OR NOT (service = 'states.amazonaws.com' AND operation IN ('StartExecution', 'SendTaskSuccess', 'SendTaskFailure'))
    )
    AND role NOT LIKE '%:role/edsr/edsr-redrive'
), paired AS (
  SELECT
    changes.event,
    changes.at,
    intents.incident_id,
    intents.seq,
    intents.step,
    intents.direction,
    row_number() OVER (PARTITION BY changes.event ORDER BY intents.ts DESC) AS nearest
  FROM changes
  JOIN intents
    ON intents.actor = changes.session
    AND strpos(changes.parameters, intents.named) > 0
    AND from_iso8601_timestamp(changes.at) >= date_trunc('second', from_iso8601_timestamp(intents.ts))
    AND from_iso8601_timestamp(changes.at) <= from_iso8601_timestamp(intents.ts) + INTERVAL '60' SECOND
), owned AS (
  SELECT
    event,
    incident_id,
    seq,
    step,
    direction,
    row_number() OVER (PARTITION BY incident_id, seq ORDER BY at, event) AS nth
  FROM paired
  WHERE nearest = 1
)
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
