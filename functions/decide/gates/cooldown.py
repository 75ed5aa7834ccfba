"""cooldown: after an incident of a policy on a subject, the policy leaves it alone for a while."""

from decide.facts import Facts
from decide.gates.mode import in_effect
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy
from edsr.times import epoch


def cooldown(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse until the cooldown of this policy on this subject is over; one that only observes tells of a finding and
    its repeats once."""
    until = facts.cooling.get(policy.id)
    left = max(0, until - epoch(facts.now)) if until else 0
    limit = int(policy.safeguards.cooldown.total_seconds())
    if not left and facts.observed.incident and _repeats(finding, policy, facts):
        apart = abs(epoch(finding.observed_at) - facts.observed.at)
        return Row("cooldown", False, apart, limit, f"it repeats {facts.observed.incident}, seen {apart} s from it")
    return Row("cooldown", not left, left, limit, f"{left} s of the cooldown left" if left else "no cooldown")


def _repeats(finding: Finding, policy: Policy, facts: Facts) -> bool:
    only_observes = in_effect(policy, facts) is Mode.OBSERVE
    return only_observes and facts.observed.repeated(finding, policy.safeguards.cooldown)
