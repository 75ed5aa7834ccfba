"""The values of an event under a dotted path, and the array elements they stand in."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_ARRAY_DEPTH = 1000

# Where an array is: the arrays, indices and dotted names that lead to it, and last the dotted path it stands at.
Array = tuple[str | int, ...]
Position = tuple[Array, int]
_Visit = tuple[object, int, Array, tuple[Position, ...]]


class Leaf(NamedTuple):
    """A scalar of the event. `positions`: from outermost to innermost, the arrays around it and the element in each.

    The array a scalar stands in directly is not among them: the reference binds elements that hold fields only.
    """

    value: object
    positions: tuple[Position, ...]


class View:
    """One event while it is matched; remembers the leaves of the paths asked for."""

    __slots__ = ("_event", "_leaves")

    def __init__(self, event: dict[str, object]) -> None:
        self._event = event
        self._leaves: dict[str, list[Leaf]] = {}

    def leaves(self, path: str) -> list[Leaf]:
        """Every scalar at the path, in the order of the event."""
        known = self._leaves.get(path)
        if known is None:
            known = self._leaves[path] = _collect(self._event, path.split("."))
        return known


def has_dotted_name(names: Iterable[str]) -> bool:
    """Whether a name in an object holds a dot, so that it may stand for several steps of a path."""
    try:
        return "." in "".join(names)
    except TypeError:  # a name that is no string: no JSON, so let the careful way deal with it
        return True


def _collect(event: dict[str, object], steps: list[str]) -> list[Leaf]:
    found: list[Leaf] = []
    waiting: list[_Visit] = [(event, 0, (), ())]
    while waiting:
        value, taken, place, positions = waiting.pop()
        while isinstance(value, dict) and taken < len(steps) and not has_dotted_name(value):
            # A name that is not there is as good as an object with nothing in it.
            value, taken = value.get(steps[taken], {}), taken + 1
        if isinstance(value, dict):
            if taken < len(steps):
                waiting.extend(_dotted_fields(value, steps, taken, place, positions))
        elif isinstance(value, list):
            if len(positions) < MAX_ARRAY_DEPTH:
                waiting.extend(_elements(value, taken, (*place, ".".join(steps[:taken])), place, positions))
        elif taken == len(steps):
            found.append(Leaf(value, positions))
    return found


def _dotted_fields(
    value: dict[str, object], steps: list[str], taken: int, place: Array, positions: tuple[Position, ...]
) -> Iterator[_Visit]:
    """A name in the event may hold dots, so `a.b.c` is found in a, in `a.b` and in `a.b.c`."""
    for end in range(len(steps), taken + 1, -1):
        name = ".".join(steps[taken:end])
        if name in value:
            yield value[name], end, (*place, name), positions
    if steps[taken] in value:
        yield value[steps[taken]], taken + 1, place, positions


def _elements(
    value: list[object], taken: int, array: Array, place: Array, positions: tuple[Position, ...]
) -> Iterator[_Visit]:
    for index in range(len(value) - 1, -1, -1):
        element = value[index]
        if isinstance(element, dict | list):
            yield element, taken, (*array, index), (*positions, (array, index))
        else:
            yield element, taken, place, positions
