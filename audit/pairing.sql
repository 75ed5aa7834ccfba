-- Calls and intents in pairs: a call is owned by the latest intent of the same hand that names the same target, or what was
-- seen of it (a queue's mapping, an alias's deployment), within a minute before it, and each intent owns one call at most.
-- A day before and after those that are asked about are looked at as well, for an action that spans midnight.
-- What the suite does to itself is left out: executions it starts and answers, log streams, and what people redrive.
intents AS (
  SELECT
    incident_id,
    seq,
    ts,
    actor,
    json_extract_scalar(body, '$.step') AS step,
    json_extract_scalar(body, '$.direction') AS direction,
    regexp_extract(json_extract_scalar(body, '$.target'), '[^:/]+$') AS named,
    json_extract_scalar(body, '$.before.revision') AS seen
  FROM records
  WHERE kind = 'INTENT'
    AND dt BETWEEN CAST(CAST(date_add('day', -1, CAST(? AS date)) AS date) AS varchar)
      AND CAST(CAST(date_add('day', 1, CAST(? AS date)) AS date) AS varchar)
), changes AS (
  SELECT *
  FROM calls
  WHERE day BETWEEN replace(CAST(CAST(date_add('day', -1, CAST(? AS date)) AS date) AS varchar), '-', '/')
      AND replace(CAST(CAST(date_add('day', 1, CAST(? AS date)) AS date) AS varchar), '-', '/')
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
    AND (strpos(changes.parameters, intents.named) > 0 OR (length(intents.seen) > 8 AND strpos(changes.parameters, intents.seen) > 0))
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
