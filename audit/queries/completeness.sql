-- Completeness (M10): of the calls by our roles that changed something, how many the audit has, day by day, in percent.
--
-- since  date  the first day (1 3)
-- until  date  the last day (2 4)
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
  changes.day,
  count(*) AS calls,
  count(owned.event) AS recorded,
  round(100.0 * count(owned.event) / count(*), 2) AS percent
FROM changes
LEFT JOIN owned ON owned.event = changes.event AND owned.nth = 1
GROUP BY changes.day
ORDER BY changes.day
