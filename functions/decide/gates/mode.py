"""mode: a policy acts only as far as its mode goes."""

from decide.facts import Facts
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy


def mode(_finding: Finding, policy: Policy, _facts: Facts) -> Row:
    """Refuse unless the policy is automatic."""
    acts = policy.respond.mode is Mode.AUTOMATIC
    reason = "the policy may act" if acts else "the policy only observes"
    return Row("mode", acts, policy.respond.mode.value, Mode.AUTOMATIC.value, reason)
