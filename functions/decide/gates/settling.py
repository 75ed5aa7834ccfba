"""settling: what may be of our own making waits until that can be told; the sweep brings it back."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy


def settling(_finding: Finding, _policy: Policy, facts: Facts) -> Row:
    """Refuse while an action after which it got worse is under way, since its own probes judge it first, and until
    enough was measured after an action."""
    found = facts.harm
    if not found.waits:
        return Row("settling", True, "", None, "nothing to wait for")
    why = found.compared.why if found.compared.early else "it got worse, and its own probes judge that first"
    return Row("settling", False, found.incident, None, f"{found.incident} has just acted here: {why}")
