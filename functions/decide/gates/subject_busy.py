"""subject-busy: one remediation at a time on a subject, whichever policy."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.times import epoch


def subject_busy(_finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse while another incident runs on the subject, or a person has to release it first."""
    if facts.latched:
        return Row("subject-busy", False, "latched", None, "repair and undo went in circles: a person must release it")
    busy = facts.holder if facts.holder and facts.held_until >= epoch(facts.now) else ""
    return Row(
        "subject-busy", not busy, busy or "", None, f"{busy} is repairing it" if busy else "nothing else runs on it"
    )
