"""origin: only live events and our own sweep may cause an act."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy

LIVE = ("event", "sweep")


def origin(finding: Finding, _policy: Policy, _facts: Facts) -> Row:
    """Refuse replayed and synthetic findings."""
    live = finding.origin in LIVE
    reason = "a live event" if live else f"a {finding.origin} event is only observed"
    return Row("origin", live, finding.origin, " or ".join(LIVE), reason)
