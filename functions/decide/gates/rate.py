"""rate: a remediation does not begin where as many as may have begun already."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def rate(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse while a rate is used up: the subject's, the service's, the policy's own, or that of everything."""
    most = 0
    for used in facts.rates:
        counted = len(used.counted(facts.now))
        if counted >= used.limit.most:
            return Row("rate", False, counted, used.limit.most, used.full(facts.now))
        most = max(most, counted)
    return Row("rate", True, most, policy.safeguards.rate.max, "no rate is used up")
