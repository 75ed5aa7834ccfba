"""window: a policy acts only when it is allowed to, and never while it is denied."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.policy.windows import read
from edsr.times import iso


def window(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse within a window that the policy denies itself, and outside of all that it allows."""
    said = policy.safeguards.window
    if not said.allow and not said.deny:
        return Row("window", True, "", None, "it may act at any time")
    now = iso(facts.now)
    for denied in said.deny:
        if read(denied).covers(facts.now):
            return Row("window", False, now, denied, f"denied during {denied}")
    if said.allow and not any(read(allowed).covers(facts.now) for allowed in said.allow):
        return Row("window", False, now, " or ".join(said.allow), "outside of every window in which it may act")
    return Row("window", True, now, None, "it may act now")
