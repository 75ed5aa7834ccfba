"""What the domain asks of the outside: a clock, a store, clients; fakes and AWS both fit."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

Item = dict[str, Any]
"""A stored item as plain values: text, integers, booleans, lists, maps, sets of text."""

Client = Any
"""An AWS client; botocore makes its methods at run time, so there is no type to name."""

Clock = Callable[[], datetime]
"""The time now, in UTC."""


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


Sleep = Callable[[float], None]
"""Wait so many seconds."""


def pause(seconds: float) -> None:
    """The system's clock lets time pass."""
    time.sleep(seconds)


class Key(NamedTuple):
    """Where an item is: table `state` or `audit`, partition, and sort key (text, or a number in the audit)."""

    table: str
    pk: str
    sk: str | int


class Write(NamedTuple):
    """One part of a transaction; `label` names it when the transaction is cancelled.

    Names in expressions are written `#name`; `names` holds those that are not an attribute's own name.
    """

    label: str
    verb: str
    key: Key
    condition: str = ""
    update: str = ""
    item: Item | None = None
    names: dict[str, str] | None = None
    values: Item | None = None


class Cancelled(Exception):
    """A transaction that changed nothing, because conditions did not hold.

    `found` maps the label of each write whose condition failed to the item that stood there (empty when none did).
    """

    def __init__(self, found: dict[str, Item]) -> None:
        super().__init__("conditions that did not hold: " + ", ".join(sorted(found)))
        self.found = found


class Store(Protocol):
    """The two tables of the protocol."""

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read consistently, in one call; absent items are left out. Raises Transient."""

    def partition(self, table: str, pk: str) -> list[Item]:
        """Every item of one partition, consistently, in order. Raises Transient."""

    def due(self, shard: str, before: int) -> list[str]:
        """What of a shard of the open index was to be looked at before this second: the incidents' ids, and the
        partitions of what is no incident. Raises Transient."""

    def commit(self, writes: Sequence[Write]) -> None:
        """Do all of it or none. Raises Cancelled, Rejected for what is never taken, Transient when not settled."""


class Clients(Protocol):
    """AWS clients by service name."""

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """A client; a mutating one makes a single attempt with short timeouts, since retries live elsewhere."""


class Observed(NamedTuple):
    """A target's state, which a plan pins, and what its next change goes by: for a compare-and-set the revision.

    `evidence` moves by itself: it is compared with nothing, and written down before anything is changed.
    """

    state: dict[str, Any]
    revision: str = ""
    evidence: Item | None = None

    @property
    def written(self) -> Item:
        """As an intent keeps it."""
        kept = {"evidence": self.evidence} if self.evidence else {}
        return {"state": self.state, "revision": self.revision, **kept}
