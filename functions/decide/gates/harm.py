"""harm: what our own automation made worse is not repaired by more of it; a person has been told."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def harm(_finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse what is measured to be worse since an action of ours; what cannot be measured is not known."""
    found, why = facts.harm, facts.harm.compared.why
    if not found.incident:
        return Row("harm", True, "", None, why)
    if found.waits:
        return Row(
            "harm", True, found.incident, None, f"{found.incident} acted here; whether it did harm is told later"
        )
    if found.compared.worse is None:
        return Row("harm", False, None, None, f"{found.incident} acted here, and nobody knows if it did harm: {why}")
    if found.compared.worse:
        return Row("harm", False, found.incident, None, f"since {found.incident} acted here it is worse: {why}")
    return Row("harm", True, found.incident, None, f"{found.incident} acted here, and it is no worse: {why}")
