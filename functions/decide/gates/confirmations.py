"""confirmations: what was found once may be chance; a policy may wait until it was found more often."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def confirmations(finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse until so many findings about the subject have come within the span; each counts once."""
    said = policy.safeguards.confirmations
    if said.count == 1:
        return Row("confirmations", True, 1, 1, "one finding is enough")
    seen = len(facts.confirming.within(said.within, facts.now).keys() | {finding.id})
    return Row("confirmations", seen >= said.count, seen, said.count, f"found {seen} times of {said.count}")
