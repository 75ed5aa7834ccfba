"""What we did to a service lately: each incident that acted there, and when it began to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from edsr.ports import Item, Key, Write
from edsr.protocol import keys
from edsr.times import epoch

WINDOW = timedelta(hours=1)
"""What gets worse later than this after an action is not held against it."""

INCIDENT = "i-"


class Compared(NamedTuple):
    """Whether an indicator is worse than before an action; None is not known, and `early` where it soon will be."""

    worse: bool | None
    why: str
    early: bool = False


def acts_keys(service: str, at: datetime) -> list[Key]:
    """Where the actions of now and of a window ago are kept."""
    window = epoch(at) // int(WINDOW.total_seconds())
    return [keys.acts(service, window - 1), keys.acts(service, window)]


def remember_act(service: str, incident: str, at: datetime) -> Write:
    """ACT: an incident is about to change something for the first time; what it does after that changes nothing here,
    and two that come at once are both kept."""
    return Write(
        "ACT",
        "Update",
        acts_keys(service, at)[1],
        "",
        "SET #act = if_not_exists(#act, :now), #ttl = :ttl",
        names={"#act": incident},
        values={":now": epoch(at), ":ttl": epoch(at + 4 * WINDOW)},
    )


def acts(items: Iterable[Item], before: datetime) -> dict[str, int]:
    """The incidents that began to act within a window before a time, and the second at which each did, the latest
    first."""
    found: dict[str, int] = {}
    for item in items:
        for name, at in item.items():
            if name.startswith(INCIDENT):
                found[name] = min(at, found.get(name, at))
    until, since = epoch(before), epoch(before - WINDOW)
    lately = {name: at for name, at in found.items() if since <= at <= until}
    return dict(sorted(lately.items(), key=lambda one: (-one[1], one[0])))
