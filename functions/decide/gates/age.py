"""age: what was seen long ago is only written down, since the world has moved on."""

from datetime import timedelta

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy

OLDEST = timedelta(minutes=15)


def age(finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse a finding older than 15 minutes, as a redriven or replayed one is."""
    seconds = int((facts.now - finding.observed_at).total_seconds())
    limit = int(OLDEST.total_seconds())
    fresh = seconds <= limit
    return Row("age", fresh, seconds, limit, "fresh" if fresh else f"seen {seconds} s ago: too old to act on")
