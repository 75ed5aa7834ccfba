"""approval: a person is asked first where the policy says so, and always before what cannot be taken back."""

from decide.facts import Facts
from decide.gates.mode import in_effect
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy


def approval(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse to act unasked in mode `approve`, or when an action of the playbook is never taken unasked."""
    need = policy.safeguards.approval.quorum
    if facts.careful:
        reason = f"{', '.join(facts.careful)} is never done unasked: {need} must agree"
        return Row("approval", False, ", ".join(facts.careful), need, reason)
    if in_effect(policy, facts) is Mode.APPROVE:
        return Row("approval", False, "approve", need, f"the policy asks: {need} must agree")
    return Row("approval", True, "", need, "nobody has to be asked")
