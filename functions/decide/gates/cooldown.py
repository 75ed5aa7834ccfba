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
    watches = bool(facts.observed.incident) and in_effect(policy, facts) is Mode.OBSERVE
    if not left and watches and (repeats := repeated(finding, policy, facts)):
        return repeats
    limit = _limit(policy)
    return Row("cooldown", not left, left, limit, f"{left} s of the cooldown left" if left else "no cooldown")


def repeated(finding: Finding, policy: Policy, facts: Facts) -> Row | None:
    """The refusal of a finding that repeats what the policy has told of within its cooldown; None for another."""
    told = facts.observed
    if not told.repeated(finding, policy.safeguards.cooldown):
        return None
    apart = abs(epoch(finding.observed_at) - told.at)
    return Row("cooldown", False, apart, _limit(policy), f"it repeats {told.incident}, seen {apart} s from it")


def _limit(policy: Policy) -> int:
    return int(policy.safeguards.cooldown.total_seconds())
