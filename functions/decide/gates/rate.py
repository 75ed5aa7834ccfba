"""rate: a remediation does not begin where as many as may have begun already."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def rate(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse while a rate is used up: the subject's, the service's, the policy's own, or that of everything."""
    for used in facts.rates:
        if reason := used.full(facts.now):
            return Row("rate", False, len(used.counted(facts.now)), used.limit.most, reason)
    said = policy.safeguards.rate
    most = max((len(used.counted(facts.now)) for used in facts.rates), default=0)
    return Row("rate", True, most, said.max, "no rate is used up")
