-- What the suite's roles have changed by AWS's API, as CloudTrail says; a function's session is named as the function is.
SELECT DISTINCT
  region,
  day,
  eventtime AS at,
  eventid AS event,
  eventsource AS service,
  eventname AS operation,
  useridentity.sessioncontext.sessionissuer.arn AS role,
  regexp_extract(useridentity.arn, '[^/]+$') AS session,
  requestparameters AS parameters,
  errorcode AS error
FROM trail
WHERE lower(readonly) = 'false'
  AND useridentity.sessioncontext.sessionissuer.arn LIKE '%:role/edsr/%'
