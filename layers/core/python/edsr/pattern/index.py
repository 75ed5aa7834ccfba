"""Many patterns against one event at once, at little more than the cost of one.

Branches are the bits of a number. Each path of the event is looked up once, each distinct condition on it is tried
once, and what holds there narrows the candidates by one AND. Only branches that depend on two fields of one array
are then matched one by one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from edsr.pattern.branches import Branch
from edsr.pattern.events import View
from edsr.pattern.matching import Pattern
from edsr.pattern.predicates import Predicates
from edsr.pattern.reading import read
from edsr.pattern.shape import ABSENT, Shape


class Index:
    """Named patterns, compiled or as parsed JSON, ready to be matched together."""

    def __init__(self, patterns: Mapping[str, Pattern | dict[str, Any]]) -> None:
        """PatternInvalid, as `compile` raises it, for a pattern given as JSON."""
        self._branches: list[tuple[str, Branch]] = [
            (name, branch)
            for name, given in patterns.items()
            for branch in (given.branches if isinstance(given, Pattern) else read(given))
        ]
        self._all = (1 << len(self._branches)) - 1
        by_path: dict[str, Predicates] = {}
        for bit, (_, branch) in enumerate(self._branches):
            for field in branch.fields:
                by_path.setdefault(field.path, Predicates(field.path)).add(field, 1 << bit)
        for one in by_path.values():
            one.others = self._all & ~one.users
        # The path most branches use comes first: it leaves the fewest candidates for the others.
        self._predicates = sorted(by_path.values(), key=lambda one: -one.users.bit_count())
        self._shape = Shape([one.path for one in self._predicates])

    def match(self, event: dict[str, Any]) -> set[str]:
        """The names of the patterns the event matches, exactly those whose `Pattern.matches` says so. Never raises."""
        if not isinstance(event, dict):
            return set()
        view, found = View(event), self._shape.of(event)
        candidates, in_arrays, doubtful = self._all, 0, 0
        for number, predicates in enumerate(self._predicates):
            if not candidates & predicates.users:
                continue
            value = found.value(number)
            if value.__class__ is str:
                met = predicates.met_by_text(value, candidates)
            elif value is ABSENT:
                met = predicates.absent
            else:
                met, bound = predicates.met_at(value, view, candidates)
                if bound:
                    doubtful |= (in_arrays & predicates.users) | predicates.absent
                    in_arrays |= predicates.users
            candidates &= met | predicates.others
            if not candidates:
                return set()
        if candidates & doubtful:
            candidates = self._settle(candidates, doubtful, view)
        return {self._branches[number][0] for number in _bits(candidates)}

    def _settle(self, candidates: int, doubtful: int, view: View) -> int:
        """The candidates that hold when their arrays are bound to single elements."""
        for number in _bits(candidates & doubtful):
            if not self._branches[number][1].matches(view):
                candidates &= ~(1 << number)
        return candidates


def _bits(number: int) -> Iterator[int]:
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest
