"""mode: a policy acts only as far as its mode goes."""

from decide.facts import Facts
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy


def mode(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse while the policy only observes, as written or demoted; whether it asks is for the gate `approval`."""
    stands = in_effect(policy, facts)
    acts = stands is not Mode.OBSERVE
    reason = "the policy may act" if acts else "the policy only observes"
    if facts.demoted and stands is not policy.respond.mode:
        reason += f": {facts.demoted.by} demoted it to {stands.value}: {facts.demoted.reason}"
    return Row("mode", acts, stands.value, "automatic", reason)


def in_effect(policy: Policy, facts: Facts) -> Mode:
    """The mode that counts: the policy's own, or what a person demoted it to."""
    written = policy.respond.mode
    return facts.demoted.to if facts.demoted and facts.demoted.lowers(written) else written
