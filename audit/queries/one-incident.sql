-- Everything that was written down about one incident, in order.
--
-- since     date  the first day (1)
-- until     date  the last day (2)
-- incident  text  its id, such as i-0123... (3)
SELECT seq, ts AS at, kind, actor, mode, body, hash
FROM records
WHERE dt BETWEEN ? AND ?
  AND incident_id = ?
ORDER BY seq
