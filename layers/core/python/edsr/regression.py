"""Regressions: whether an indicator is worse than before an action, told from what was measured before and after it."""

from collections.abc import Mapping
from datetime import datetime

from edsr.budget import Counted, bad_share
from edsr.model import Finding
from edsr.policy.objectives import Objective
from edsr.protocol.acting import Compared
from edsr.shares import Counted as Sample
from edsr.shares import excess
from edsr.times import epoch, parse

MINUTE = 60
SPAN = 5
"""Minutes before an action, and the last ones after it, that are compared."""

OK = "OK"

Minutes = Mapping[int, Counted]
"""What was counted in each minute, by the second at which it began."""


def since(acted: int) -> int:
    """The second from which on minutes are needed to compare."""
    return _minute(acted) - SPAN * MINUTE


def by_objective(objective: Objective, minutes: Minutes, acted: int, now: datetime) -> Compared:
    """Compare the share of bad events of the last minutes with the worst minute before an action (epoch seconds).

    The minute of the action belongs to neither, unless the one before it was bad already: then what grew on by itself
    is not held against the action. Worse is what misses the objective, and surely more than before.
    """
    at, end = _minute(acted), _minute(epoch(now))
    if end <= at + MINUTE:
        return Compared(None, f"{objective.id}: no whole minute has passed since", early=True)
    before = _worst(objective, minutes, acted)
    after = _sum([minutes[m] for m in range(max(at + MINUTE, end - SPAN * MINUTE), end, MINUTE) if m in minutes])
    was = None if before is None else bad_share(objective, before)
    share = None if after is None else bad_share(objective, after)
    if before is None or after is None or was is None or share is None:
        return Compared(None, f"{objective.id}: nothing was counted {'before' if was is None else 'since'}")
    surely = excess(_sample(after, share), _sample(before, was)).low > 0
    why = f"{100 * share:.1f} % of {objective.service} fail, {100 * was:.1f} % before ({objective.id})"
    return Compared(surely and share > objective.allowed, why)


def by_alarm(found: Finding, condition: str, acted: int) -> Compared:
    """Compare by an alarm's own words: it was OK when we acted (epoch seconds), and all that it was judged by was
    measured later. What it was about already (`condition`) was bad before."""
    if found.condition == condition:
        return Compared(False, f"{found.condition} was bad before")
    previous, measured = str(found.evidence.get("previous", "")), str(found.evidence.get("measured_since", ""))
    if not previous or not measured:
        return Compared(None, f"{found.condition}: when it was measured is not known")
    begun = epoch(parse(measured))
    if begun < acted:
        return Compared(False, f"{found.condition} was measured from before on")
    if previous != OK:
        return Compared(None, f"{found.condition} was {previous} before")
    return Compared(True, f"{found.condition} was OK before, and is not {begun - acted} s later")


def _worst(objective: Objective, minutes: Minutes, acted: int) -> Counted | None:
    at = _minute(acted)
    whole = [m for m in range(since(acted), at, MINUTE) if m in minutes]
    last = bad_share(objective, minutes[whole[-1]]) if whole else None
    if last is not None and last > objective.allowed and at in minutes:
        whole.append(at)
    known = [(share, minutes[m]) for m in whole if (share := bad_share(objective, minutes[m])) is not None]
    return max(known, key=lambda one: one[0])[1] if known else None


def _sum(counted: list[Counted]) -> Counted | None:
    if not counted:
        return None
    first, *others = counted
    return Counted(sum((one.total for one in others), first.total), sum((one.part for one in others), first.part))


def _sample(counted: Counted, share: object) -> Sample:
    total = int(counted.total)
    return Sample(total, round(total * float(str(share))))


def _minute(second: int) -> int:
    return second // MINUTE * MINUTE
