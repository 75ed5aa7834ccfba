"""mode: a policy acts only as far as its mode goes."""

from decide.facts import Facts
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy


def mode(_finding: Finding, policy: Policy, _facts: Facts) -> Row:
    """Refuse while the policy only observes; whether it has to ask is for the gate `approval`."""
    mode = policy.respond.mode
    acts = mode is not Mode.OBSERVE
    reason = "the policy may act" if acts else "the policy only observes"
    return Row("mode", acts, mode.value, "automatic", reason)
