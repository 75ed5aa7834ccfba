"""claim: a finding is taken up once, however often it arrives."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def claim(_finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse a finding that an incident already has."""
    taken = facts.claimed or ""
    return Row("claim", not taken, taken, None, f"already taken up by {taken}" if taken else "not seen before")
