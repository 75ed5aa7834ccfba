"""How the people of a group stand: which of its incidents ask for somebody, and what has to be said of a change."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from edsr.ports import Item
from edsr.protocol.admission import CLAIM_KEPT
from edsr.times import epoch
from notify.asking import Asking, Level

MOST = 1_000
"""Incidents of a group that are remembered, so that it stays an item's size: first to go is who asks for nobody."""


class Say(StrEnum):
    """What is said to people, in the words of alerting services."""

    TRIGGER = "trigger"
    RESOLVE = "resolve"


class Need(NamedTuple):
    """What an incident was last heard to need."""

    order: int
    level: str


class Standing(NamedTuple):
    """A group's item. `since` is the second at which its notice was opened, 0 while there is none; `unsent` is what was
    to be said when the item was last written, and may not have been."""

    needs: Mapping[str, Need] = {}
    since: int = 0
    unsent: str = ""
    version: int = 0

    @classmethod
    def of(cls, item: Item | None) -> Self:
        """Read it from its item; a group that nothing was heard of has none."""
        if not item:
            return cls()
        needs = {name: Need(order, level) for name, (order, level) in item["needs"].items()}
        return cls(needs, item["since"], item["unsent"], item["ver"])

    def item(self, at: datetime) -> Item:
        """As it is stored."""
        needs = {name: [need.order, need.level] for name, need in self.needs.items()}
        ttl = epoch(at + CLAIM_KEPT)
        return {"needs": needs, "since": self.since, "unsent": self.unsent, "ver": self.version + 1, "ttl": ttl}

    @property
    def level(self) -> Level | None:
        """The most urgent that any of its incidents asks for."""
        wanted = {need.level for need in self.needs.values()}
        return next((level for level in Level if level in wanted), None)

    @property
    def asking(self) -> list[str]:
        """The incidents that ask for somebody."""
        return [name for name, need in self.needs.items() if need.level]

    def after(self, heard: Iterable[Asking], at: datetime) -> Self:
        """What it is after announcements, in whichever order and however often they come; all that was unsent is sent
        by then."""
        needs = dict(self.needs)
        for one in heard:
            if one.incident not in needs or needs[one.incident].order < one.order:
                needs.pop(one.incident, None)
                needs[one.incident] = Need(one.order, one.level or "")
        kept = dict(sorted(needs.items(), key=lambda entry: bool(entry[1].level))[-MOST:])
        now = self._replace(needs=kept, unsent="")
        return now._replace(since=(self.since or epoch(at)) if now.level else 0)


def change(before: Standing, after: Standing) -> Say | None:
    """What has to be said: that people are asked, or more urgently than before, or no longer."""
    if after.level and after.level != before.level and (before.level is None or after.level is Level.PAGE):
        return Say.TRIGGER
    return Say.RESOLVE if before.level and not after.level else None


def notice_id(group: str, since: int) -> str:
    """`n-` and 26 hexadecimal digits: the same from opening to closing, and another the next time."""
    return "n-" + hashlib.sha256(f"{group}|{since}".encode()).hexdigest()[:26]
