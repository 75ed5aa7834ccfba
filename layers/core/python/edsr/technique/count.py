"""count: so many different events about one subject within a window that slides by the events' own time.

Events are noted in buckets as wide as the window, so that any window lies in two neighbours. Whoever notes an event
reads the neighbours after its own write: of two that come at once, at least one sees both. A bucket that holds as many
events as it takes is full: it is a whole window by itself, and takes no more. Windows that begin within one window's
width of each other are one episode; who finds the first of them claims it by compare-and-set.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from edsr.errors import Transient
from edsr.model import Finding
from edsr.policy.techniques import Count
from edsr.ports import Item
from edsr.protocol import keys
from edsr.technique.notes import Entry, Notes, kept_until, milliseconds, moment, named
from edsr.technique.retold import Told, retold
from edsr.times import duration_text, iso

RACES = 8
REMEMBERED = 16
"""Episodes that are remembered of a subject; one that comes again after more has the same id, and is taken up once."""

EVENT, COUNTER = "e-", "n"


class _Window(NamedTuple):
    """The first and the last event of a window that holds enough; milliseconds."""

    first: int
    last: int


def count(found: Finding, said: Count, notes: Notes, now: datetime) -> Told:
    """Note an event; a finding when a window with it holds enough, and nobody has told of it. Raises Transient."""
    width = int(said.within.total_seconds() * 1000)
    at = milliseconds(found.observed_at)
    buckets = [keys.counted(found.policy, found.subject.arn, at // width + step) for step in (-1, 0, 1)]
    until = kept_until(found.observed_at + said.within, now)
    me = named(EVENT, found.episode + "|" + found.condition)
    own = notes.enter(buckets[1], Entry(me, at, COUNTER, said.at_least, until))
    claims = keys.episodes(found.policy, found.subject.arn)
    read = notes.read([buckets[0], buckets[2], claims])
    times = sorted(time for item in (own, *(read.get(key, {}) for key in buckets[::2])) for time in _times(item))
    windows = [window for window in _windows(times, said.at_least, width) if window.first <= at <= window.first + width]
    if not windows:
        near = sum(abs(time - at) <= width for time in times)
        return Told(why=f"{near} of {said.at_least} that have to come within {duration_text(said.within)}")
    for _ in range(RACES):
        item = read.get(claims, {})
        mine = _claimed(item, windows, width, me)
        if mine is None:
            return Told(why="the episode it belongs to has been told of")
        window, new = mine
        if not new or notes.replace(claims, _claim(item, window, me, until), item.get("ver", 0)):
            return Told((_told(found, said, window, width, len(times)),))
        read = notes.read([claims])
    raise Transient(f"an episode of {found.policy} lost {RACES} races to be claimed")


def _times(item: Item) -> Iterator[int]:
    return (value for name, value in item.items() if name.startswith(EVENT))


def _windows(times: list[int], least: int, width: int) -> Iterator[_Window]:
    """Every window that begins with an event and holds enough of them, in order."""
    for first, last in zip(times, times[least - 1 :], strict=False):
        if last - first <= width:
            yield _Window(first, last)


def _claimed(item: Item, windows: Iterable[_Window], width: int, me: str) -> tuple[_Window, bool] | None:
    """The window to tell of, and whether it is yet to be claimed. What this very event has claimed is told again: it
    may have died before it was sent."""
    told = {int(first): by for first, by in item.get("told", {}).items()}
    for window in windows:
        near = [first for first in told if abs(first - window.first) <= width]
        if not near:
            return window, True
        if mine := [first for first in near if told[first] == me]:
            return window._replace(first=mine[0]), False
    return None


def _claim(item: Item, window: _Window, me: str, until: int) -> Item:
    told = {**item.get("told", {}), str(window.first): me}
    latest = sorted(told, key=int)[-REMEMBERED:]
    return {"told": {first: told[first] for first in latest}, "ttl": max(until, item.get("ttl", 0))}


def _told(found: Finding, said: Count, window: _Window, width: int, seen: int) -> Finding:
    within = duration_text(said.within)
    return retold(
        found,
        {"count": seen, "since": iso(moment(window.first)), "until": iso(moment(window.last))},
        condition=f"{said.at_least} within {within}",
        episode=iso(moment(window.first // width * width)),
        observed_at=moment(window.last),
        title=f"{said.at_least} times within {within}: {found.title}",
    )
