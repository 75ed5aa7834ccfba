"""recovered: what was over before it was decided is only written down."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.recovery import began
from edsr.times import epoch


def recovered(finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse a finding whose end, by the producer's own clock, is known already: it came first, or both at once."""
    if facts.recovered is None:
        return Row("recovered", True, "", None, "its end is not known")
    took = facts.recovered - epoch(began(finding))
    return Row("recovered", False, took, None, f"it recovered by itself {took} s after it began")
