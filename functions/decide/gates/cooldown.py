"""cooldown: after an incident of a policy on a subject, the policy leaves it alone for a while."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.times import epoch


def cooldown(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse until the cooldown of this policy on this subject is over."""
    until = facts.cooling.get(policy.id)
    left = max(0, until - epoch(facts.now)) if until else 0
    limit = int(policy.safeguards.cooldown.total_seconds())
    return Row("cooldown", not left, left, limit, f"{left} s of the cooldown left" if left else "no cooldown")
