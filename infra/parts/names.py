"""Names and figures that are fixed, so that roles, the CLI and people know them before anything is deployed."""

STATE_TABLE = "edsr-state"
AUDIT_TABLE = "edsr-audit"
FINDINGS = "edsr-findings"
QUARANTINE = "edsr-quarantine"
MACHINE = "edsr-remediate"
BUS = "edsr"
PAGES = "edsr-pages"
DIGESTS = "edsr-digests"
ROLES = "/edsr/"
REDRIVE = "edsr-redrive"
HEARTBEAT = "edsr-heartbeat"
HEARTBEAT_SOURCE = "edsr.heartbeat"

AUDIT_STREAM_PARAMETER = "/edsr/audit-stream-arn"
EXPORT_BUCKET_PARAMETER = "/edsr/export-bucket"
KEY_PARAMETER = "/edsr/key-arn"
RESULTS_BUCKET_PARAMETER = "/edsr/results-bucket"
PEOPLE_PARAMETER = "/edsr/people-url"
"""What the stacks say that is not a fixed name: the other stack reads it when it is deployed, and the commands do."""

AT_ONCE = 10
"""Functions `decide` that may run at once."""
