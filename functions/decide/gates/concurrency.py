"""concurrency: only so many incidents act at once."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.protocol.brakes import taken
from edsr.protocol.brief import slots_of


def concurrency(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse while others act in every slot of the service, or of the policy."""
    most, acting = policy.safeguards.concurrency.max, len(facts.holders)
    if acting < most:
        return Row("concurrency", True, acting, most, "a slot is free")
    reason = taken(slots_of(finding.subject, policy), most, facts.holders, finding.incident_id)
    return Row("concurrency", not reason, acting, most, reason or "it has a slot of its own")
