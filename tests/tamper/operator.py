"""What an operator is: a way to tamper, what has to find it, and which record has to be named."""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from tests.tamper.audits import Audit, By

Act = Callable[[Audit, int], Audit]
"""Something done to an audit at a position, counted from 1."""


class Named(StrEnum):
    """Which record the first flaw names, seen from the position that was tampered with."""

    HERE = "p"
    NEXT = "p + 1"
    FIRST = "1"
    LAST = "last"

    def seq(self, position: int, length: int) -> int:
        """Its number, in a chain of this length."""
        return {"p": position, "p + 1": position + 1, "1": 1, "last": length}[self.value]


class Finds(NamedTuple):
    """What finds a tampering, and which record it names."""

    by: By
    named: Named = Named.HERE


CHAIN, CHAIN_NEXT, CHAIN_FIRST = (Finds(By.CHAIN, named) for named in (Named.HERE, Named.NEXT, Named.FIRST))
HEAD, HEAD_NEXT, HEAD_FIRST, HEAD_LAST = (Finds(By.HEAD, named) for named in Named)
EXPORT, EXPORT_FIRST = Finds(By.EXPORT), Finds(By.EXPORT, Named.FIRST)
ANCHOR, ANCHOR_FIRST = Finds(By.ANCHOR), Finds(By.ANCHOR, Named.FIRST)


class Operator(NamedTuple):
    """A way to tamper: `act` does it at a position, and `finds` is what has to notice.

    The last record has none behind it to give it away: where that matters, `at_the_end` is what notices there.
    `places` is how many records it needs, from the position on; `month` says that it works on a month's control
    records.
    """

    name: str
    about: str
    act: Act
    finds: Finds
    at_the_end: Finds | None = None
    places: int = 1
    month: bool = False

    def positions(self, length: int) -> range:
        """Every position of a chain of this length at which it can be done."""
        return range(1, length - self.places + 2)

    def expected(self, position: int, length: int) -> Finds:
        """What notices it at this position."""
        return self.at_the_end if self.at_the_end and position == length else self.finds

    @property
    def ways(self) -> list[Finds]:
        """What notices it, anywhere."""
        return [self.finds, self.at_the_end] if self.at_the_end else [self.finds]
