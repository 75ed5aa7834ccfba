"""latch: what AWS denied in an account is not tried again there before a person has seen to it."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.protocol.brakes import latched


def latch(finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse while an action of the playbook is latched in the subject's account."""
    if not facts.denied:
        return Row("latch", True, 0, 0, "no action is latched")
    account = finding.subject.account
    reasons = [latched(action, account, by) for action, by in sorted(facts.denied.items()) if by]
    return Row("latch", not reasons, len(reasons), 0, "; ".join(reasons) or "no action is latched")
