"""age: what was seen long ago is only written down, since the world has moved on."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy

OLDEST, AHEAD = 15 * 60, 60
"""Seconds."""
"""How far a source's clock may be ahead of ours; a time further ahead would never grow old."""


def age(finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse a finding older than 15 minutes, as a redriven or replayed one is, or from the future."""
    seconds = int((facts.now - finding.observed_at).total_seconds())
    if seconds < -AHEAD:
        return Row("age", False, seconds, OLDEST, f"seen {-seconds} s from now: no time to go by")
    fresh = seconds <= OLDEST
    return Row("age", fresh, seconds, OLDEST, f"seen {seconds} s ago" + ("" if fresh else ": too old to act on"))
