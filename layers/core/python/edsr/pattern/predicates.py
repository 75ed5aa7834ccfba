"""All the conditions that any branch puts on one path, each tried at most once per value."""

from collections.abc import Callable, Hashable

from edsr.pattern.addresses import DIGITS_IPV4, Address, address
from edsr.pattern.branches import Field
from edsr.pattern.conditions import Condition
from edsr.pattern.events import View
from edsr.pattern.scalars import exact

_SCALARS = frozenset({int, float, bool, type(None)})


class Predicates:
    """Conditions on `path`, each with the branches (as bits) that it satisfies there.

    users: the branches that ask anything of the path; others: those that do not, set once all fields are added.
    absent: the branches that take the absence of every value.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.users = self.others = self.absent = 0
        self._present = 0
        self._exact: dict[Hashable, int] = {}
        self._prefixes: dict[int, dict[Hashable, int]] = {}
        self._tests: dict[Hashable, tuple[Callable[[object], bool], int]] = {}
        self._addresses = False

    def add(self, field: Field, bit: int) -> None:
        """Note what one branch asks of this path."""
        self.users |= bit
        for condition in field.conditions:
            self._add(condition, bit)

    def _add(self, condition: Condition, bit: int) -> None:
        key = condition.key
        if condition.kind == "present":
            self._present |= bit
        elif condition.kind == "absent":
            self.absent |= bit
        elif condition.kind == "exact":
            self._addresses |= isinstance(key, Address)
            self._exact[key] = self._exact.get(key, 0) | bit
        elif condition.kind == "prefix":
            texts = self._prefixes.setdefault(len(str(key)), {})
            texts[key] = texts.get(key, 0) | bit
        else:
            _, bits = self._tests.get(key, (condition.holds, 0))
            self._tests[key] = (condition.holds, bits | bit)

    def met_by_text(self, value: str, candidates: int) -> int:
        """The branches a string satisfies; those that are no candidates may be left out."""
        met = self._present | self._exact.get(value, 0)
        if self._addresses:
            met |= self._met_by_address(value)
        for size, texts in self._prefixes.items():
            met |= texts.get(value[:size], 0)
        return self._tested(value, met, candidates) if self._tests else met

    def met_at(self, value: object, view: View, candidates: int) -> tuple[int, bool]:
        """The branches that whatever is at the path satisfies, and whether that depends on an array element."""
        if value.__class__ in _SCALARS:
            return self._met_by(value, candidates), False
        leaves = view.leaves(self.path)
        bound = any(leaf.positions for leaf in leaves)
        met = self.absent if bound or not leaves else 0
        for leaf in leaves:
            met |= self._met_by(leaf.value, candidates & ~met)
        return met, bound

    def _met_by(self, value: object, candidates: int) -> int:
        if isinstance(value, str):
            return self.met_by_text(value, candidates)
        return self._tested(value, self._present | self._exact.get(exact(value), 0), candidates)

    def _tested(self, value: object, met: int, candidates: int) -> int:
        still_open = candidates & ~met
        for holds, bits in self._tests.values():
            if bits & still_open and holds(value):
                met |= bits
                still_open &= ~bits
        return met

    def _met_by_address(self, value: str) -> int:
        found = address(value)
        if found is None:
            return 0
        # As with blocks, the digits of an IPv4 address are met by an IPv6 address that begins with them.
        return self._exact.get(found, 0) | self._exact.get(Address(found.digits[:DIGITS_IPV4]), 0)
