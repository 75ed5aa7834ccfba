"""What techniques keep between events: items that are each changed alone, under a condition."""

import hashlib
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple, Protocol

from edsr.ports import Item, Key
from edsr.times import epoch, parse_epoch

KEPT = timedelta(days=15)
"""Longer than an event can be late: a day on the bus, fourteen in the dead letters."""

AHEAD = timedelta(days=1)
"""How far ahead of ours a clock is believed."""


class Entry(NamedTuple):
    """Something to be noted in an item under a `name`, once; `counter` counts its like, and `most` are kept of them."""

    name: str
    value: int | Item
    counter: str
    most: int
    ttl: int


class Notes(Protocol):
    """Where techniques keep what they have seen. Every method raises Transient."""

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read consistently, in one call; absent items are left out."""

    def enter(self, key: Key, entry: Entry) -> Item:
        """Note something in one conditional write, and give the item as it is then. What is noted already stays as it
        is, and what is over the most is not noted."""

    def replace(self, key: Key, item: Item, ver: int) -> bool:
        """Put an item in the place of that with this `ver` (0: of none); False when another stands there by now."""

    def newest(self, key: Key, item: Item) -> Item | None:
        """Put an item in the place of one that is older by `at`, or of none, and give what stood there; None when what
        stands there is as new."""


class Memory:
    """Notes in memory, for one process: what policies' tests and backtests use. What is garbage is forgotten now and
    then, so that memory follows what is kept at one time."""

    def __init__(self, tidy: int = 4_096) -> None:
        self.items: dict[Key, Item] = {}
        self._lock, self._tidy_least, self._tidy_at = Lock(), tidy, tidy

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """As Notes say."""
        with self._lock:
            return {key: deepcopy(self.items[key]) for key in keys if key in self.items}

    def enter(self, key: Key, entry: Entry) -> Item:
        """As Notes say."""
        with self._lock:
            self._tidy(entry.ttl)
            item = self.items.setdefault(key, {})
            if entry.name not in item and item.get(entry.counter, 0) < entry.most:
                item |= {entry.name: entry.value, entry.counter: item.get(entry.counter, 0) + 1, "ttl": entry.ttl}
            return deepcopy(item)

    def replace(self, key: Key, item: Item, ver: int) -> bool:
        """As Notes say."""
        with self._lock:
            if self.items.get(key, {}).get("ver", 0) != ver:
                return False
            self.items[key] = {**deepcopy(item), "ver": ver + 1}
            return True

    def newest(self, key: Key, item: Item) -> Item | None:
        """As Notes say."""
        with self._lock:
            before = self.items.get(key, {})
            if before and before["at"] >= item["at"]:
                return None
            self.items[key] = deepcopy(item)
            return before

    def _tidy(self, ttl: int) -> None:
        """Forget what is older than the newest note by more than is kept, whenever twice as much is known."""
        if len(self.items) > self._tidy_at:
            oldest = ttl - int(KEPT.total_seconds())
            self.items = {key: item for key, item in self.items.items() if item.get("ttl", ttl) >= oldest}
            self._tidy_at = max(self._tidy_least, 2 * len(self.items))


def kept_until(at: datetime, now: datetime) -> int:
    """The second from which on a note about a time is garbage; no clock that is off makes it stay for ever."""
    return max(epoch(now), min(epoch(at), epoch(now + AHEAD))) + int(KEPT.total_seconds())


def milliseconds(at: datetime) -> int:
    """Whole milliseconds since 1970, rounded down."""
    return (at - parse_epoch(0)) // timedelta(milliseconds=1)


def moment(at: int) -> datetime:
    """The time of such a millisecond, in UTC."""
    return parse_epoch(0) + timedelta(milliseconds=at)


def named(prefix: str, identity: str) -> str:
    """An attribute's name for an identity of any length: short, since thousands may stand in one item."""
    return prefix + hashlib.sha256(identity.encode(errors="backslashreplace")).hexdigest()[:16]
