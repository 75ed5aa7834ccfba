"""breaker: a policy that did no good on a service is stopped there, and a person told."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.protocol.breaker import holds
from edsr.protocol.grouping import NO_SERVICE


def breaker(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse while the policy's breaker on the service is open, or another incident tries whether it may close."""
    if not facts.breaker:
        return Row("breaker", True, "closed", "closed", "it lets this one pass")
    service = finding.subject.service or NO_SERVICE
    reason = holds(policy.id, service, facts.breaker, finding.incident_id, facts.now)
    state = str(facts.breaker.get("state", "closed"))
    return Row("breaker", not reason, state, "closed", reason or "it lets this one pass")
