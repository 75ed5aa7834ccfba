"""kill-switch: while a scope that covers the subject is engaged, nothing is done."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def kill_switch(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse under an engaged scope; a switch that cannot be read is unknown, which also refuses."""
    if facts.switches is None:
        return Row("kill-switch", False, None, None, "the kill switch cannot be read")
    if not facts.switches:
        return Row("kill-switch", True, "", None, "not engaged")
    subject = finding.subject
    ours = {
        "all",
        f"service:{subject.service or 'none'}",
        f"policy:{policy.id}",
        f"account:{subject.account}",
        f"region:{subject.region}",
    }
    engaged = ", ".join(sorted(ours & set(facts.switches)))
    return Row("kill-switch", not engaged, engaged, None, f"engaged for {engaged}" if engaged else "not engaged")
