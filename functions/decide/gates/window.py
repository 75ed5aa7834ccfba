"""window: a policy acts only when it is allowed to, and never while it is denied."""

from decide.facts import Facts
from edsr.model import Finding, Row
from edsr.policy import Policy
from edsr.policy.windows import covering
from edsr.times import iso


def window(_finding: Finding, policy: Policy, facts: Facts) -> Row:
    """Refuse within a window that the policy denies itself, outside of all that it allows, and without its calendar."""
    said = policy.safeguards.window
    if not said.allow and not said.deny:
        return Row("window", True, "", None, "it may act at any time")
    if unknown := [name for name in said.calendars if name not in facts.calendars]:
        return Row("window", False, None, None, f"there is no calendar {', '.join(unknown)} to go by")
    now = iso(facts.now)
    for denied in said.deny:
        if during := covering(denied, facts.calendars, facts.now):
            return Row("window", False, now, denied, f"denied during {during}")
    if said.allow and not any(covering(allowed, facts.calendars, facts.now) for allowed in said.allow):
        return Row("window", False, now, " or ".join(said.allow), "outside of every window in which it may act")
    return Row("window", True, now, None, "it may act now")
