"""One way to satisfy a pattern, and whether an event does: every field, from the same element of each array."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from edsr.pattern.conditions import Condition
from edsr.pattern.events import Position, View


class Field(NamedTuple):
    """What a pattern asks of one path. `label` is its place in the pattern, `wanted` the list written there."""

    path: str
    label: str
    wanted: list[object]
    conditions: tuple[Condition, ...]

    def takes_absence(self) -> bool:
        return any(condition.kind == "absent" for condition in self.conditions)

    def takes(self, value: object) -> bool:
        return any(condition.holds(value) for condition in self.conditions)


class Branch(NamedTuple):
    """Fields that must all be satisfied, in the order in which the reference binds arrays to elements."""

    fields: tuple[Field, ...]

    def matches(self, view: View) -> bool:
        """Whether the event satisfies every field with values of one element per array."""
        searches = []
        for field in self.fields:
            search = _FieldSearch(field, view)
            if not search.possible:
                return False
            searches.append(search)
        return not _share_arrays(searches) or _consistent(searches)

    def matches_flat(self, scalars: Mapping[str, object]) -> bool:
        """As `matches`, for an object that holds only scalars, by names without a dot."""
        for field in self.fields:
            if field.path not in scalars:
                if not field.takes_absence():
                    return False
                continue
            value = scalars[field.path]
            for condition in field.conditions:
                if condition.holds(value):
                    break
            else:
                return False
        return True


class _Element:
    """A trie over array positions: the values directly here, and those in each element of the arrays below."""

    def __init__(self) -> None:
        self.reached = False
        self.arrays: dict[object, dict[int, _Element]] = {}

    def add(self, positions: tuple[Position, ...]) -> None:
        node = self
        for array, index in positions:
            node = node.arrays.setdefault(array, {}).setdefault(index, _Element())
        node.reached = True

    def within(self, bound: dict[object, int]) -> Iterator[dict[object, int]]:
        """The bindings that lead to a value and agree with those already made, each with those included."""
        waiting = [(self, bound)]
        while waiting:
            node, binding = waiting.pop()
            if node.reached:
                yield binding
            for array, elements in node.arrays.items():
                if array in binding:
                    chosen = elements.get(binding[array])
                    waiting.extend([(chosen, binding)] if chosen else [])
                else:
                    waiting.extend((element, {**binding, array: index}) for index, element in elements.items())


class _FieldSearch:
    """Where in the event a field's values are, and where those that satisfy it are."""

    def __init__(self, field: Field, view: View) -> None:
        leaves = view.leaves(field.path)
        self.takes_absence = field.takes_absence()
        self.arrays = {array for leaf in leaves for array, _ in leaf.positions}
        self.all, self.good = _Element(), _Element()
        for positions in {leaf.positions for leaf in leaves}:
            self.all.add(positions)
        satisfying = {leaf.positions for leaf in leaves if field.takes(leaf.value)}
        for positions in satisfying:
            self.good.add(positions)
        self.possible = bool(satisfying) or (self.takes_absence and (bool(self.arrays) or not leaves))

    def bindings(self, bound: dict[object, int]) -> Iterator[dict[object, int]]:
        """The ways to satisfy the field under the bindings made so far."""
        if self.takes_absence and next(self.all.within(bound), None) is None:
            yield bound
        yield from self.good.within(bound)


def _share_arrays(searches: list[_FieldSearch]) -> bool:
    """Whether bindings matter at all: two fields in one array, or an absence that depends on the element."""
    seen: set[object] = set()
    for search in searches:
        if (search.takes_absence and search.arrays) or not seen.isdisjoint(search.arrays):
            return True
        seen |= search.arrays
    return False


def _consistent(searches: list[_FieldSearch]) -> bool:
    """Depth-first over the fields; what failed for the same remaining bindings is not tried again."""
    later: list[set[object]] = [set()]
    for search in reversed(searches):
        later.insert(0, later[0] | search.arrays)
    failed: set[tuple[int, frozenset[tuple[object, int]]]] = set()

    def satisfiable(index: int, bound: dict[object, int]) -> bool:
        if index == len(searches):
            return True
        relevant = {array: element for array, element in bound.items() if array in later[index]}
        state = (index, frozenset(relevant.items()))
        if state in failed:
            return False
        if any(satisfiable(index + 1, binding) for binding in searches[index].bindings(relevant)):
            return True
        failed.add(state)
        return False

    return satisfiable(0, {})
