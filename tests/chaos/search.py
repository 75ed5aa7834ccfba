"""Every schedule of a scenario within its bound, those with the fewest deviations first."""

import sys
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.chaos.history import flaws, undisturbed
from tests.chaos.scenario import Bound, Played, Suite
from tests.chaos.tasks import Point

Deviations = tuple[tuple[int, int], ...]


@dataclass
class Explored:
    """What came of an exploration; `violations` maps each check that failed to its first, shortest schedule."""

    schedules: int = 0
    complete: bool = False
    violations: dict[str, tuple[str, Deviations]] = field(default_factory=dict)
    violating: int = 0
    ran: int = 0


def play(suite: Suite, deviations: Mapping[int, int], *, said: bool = False, spent: bool = False) -> Played:
    """Play one schedule."""
    played = suite.schedule()
    played.schedule.run(deviations, said=said, spent=spent)
    return played


def explore(
    suite: Suite,
    bound: Bound,
    *,
    limit: int = sys.maxsize,
    stop: bool = False,
    known: frozenset[str] = frozenset(),
    tell: Callable[[int], None] | None = None,
) -> Explored:
    """Play every schedule, or as many as the limit allows.

    `stop` ends it at the first violation that is not one of the `known` checks' own.
    """
    found = Explored()
    waiting: deque[tuple[Deviations, int, int]] = deque([((), 0, 0)])
    while waiting and found.schedules < limit:
        deviations, preemptions, faults = waiting.popleft()
        room = _room(bound, preemptions, faults)
        played = play(suite, dict(deviations), spent=not any(room))
        found.schedules += 1
        wrong = flaws(played) + ([] if deviations else undisturbed(played))
        found.violating += bool(wrong)
        for flaw in wrong:
            found.violations.setdefault(flaw.split(":")[0], (flaw, deviations))
        if stop and any(flaw.split(":")[0] not in known for flaw in wrong):
            break
        first = deviations[-1][0] + 1 if deviations else 0
        for step, point in enumerate(played.schedule.points[first:], first):
            for option, preempted, faulted in _alternatives(point, *room):
                waiting.append(((*deviations, (step, option)), preemptions + preempted, faults + faulted))
        if tell and found.schedules % 1000 == 0:
            tell(found.schedules)
    found.complete, found.ran = not waiting, suite.behaviours.ran
    return found


def _room(bound: Bound, preemptions: int, faults: int) -> tuple[bool, bool]:
    """Whether there is room for one more preemption, and for one more fault."""
    return (
        any(preemptions < most and faults <= other for most, other in bound),
        any(preemptions <= other and faults < most for other, most in bound),
    )


def _alternatives(point: Point, preempt: bool, fault: bool) -> Iterator[tuple[int, int, int]]:
    """Other options than the first, and what each costs in preemptions and in faults."""
    for option in range(1, point.free):
        yield option, 0, 0
    for option in range(point.free, point.faults if fault else point.free):
        yield option, 0, 1
    for option in range(point.faults, point.options if preempt else point.faults):
        yield option, 1, 0


def spelled(deviations: Deviations) -> str:
    """`17:2,23:1`: at point 17 the third option, at point 23 the second; elsewhere the first."""
    return ",".join(f"{position}:{option}" for position, option in deviations) or "-"


def read(text: str) -> dict[int, int]:
    """The deviations that a text spells."""
    pairs = [part.split(":") for part in text.split(",") if part != "-"]
    return {int(position): int(option) for position, option in pairs}
