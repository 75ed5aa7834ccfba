"""What a poll has handed on, and what it has left of its calls: one small item for each poll."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from edsr.canonical import canonical
from edsr.declare import Poll
from edsr.ports import Item, Store, Write
from edsr.protocol import keys
from edsr.times import epoch
from sweep.ask import Bucket, Event

GRACE = timedelta(seconds=30)
"""How old what is seen has to be: until then the bus has its chance."""

AGAIN = timedelta(minutes=2)
"""How long after it was handed on something that nobody took up is handed on again."""

LATER = timedelta(minutes=15)
"""How long after it was handed on something that no finding became of is handed on again: its detector may be another
by now, or know a policy that it did not know."""

NO_FINDING = "-"
KEPT = 1000
"""How many are remembered; what is forgotten costs a duplicate."""

AT_ONCE = 100
"""Items that DynamoDB gives in one call."""


class Handed(NamedTuple):
    """When something was handed on, and the finding that became of it: NO_FINDING where none did, nothing once it has
    been taken up and there is no more to do."""

    at: int
    finding: str


class Rule(NamedTuple):
    """A policy's rule: of its last event, or of a step of its sequence."""

    policy: str
    step: int | None = None


class Seen(NamedTuple):
    """What was seen to stand, for one rule."""

    rule: Rule
    event: Event
    since: int

    @property
    def key(self) -> str:
        """Its name in the item; an alarm's reason changes while it stands, what it is about and since when does not."""
        told = self.event.get("id", self.event["time"])
        said = [list(self.rule), self.event["detail-type"], self.event["resources"], told]
        return hashlib.sha256(canonical(said)).hexdigest()[:16]


@dataclass
class Memory:
    """The item of a poll as it was read, and as it is to be written."""

    name: str
    bucket: Bucket
    ver: int = 0
    known: dict[str, Handed] = field(default_factory=dict)

    @classmethod
    def read(cls, store: Store, poll: Poll, now: datetime) -> Self:
        """As it stands; a poll that was never asked has all of its calls."""
        key, period = keys.poll(poll.id), poll.minutes * 60
        item = store.read([key]).get(key)
        if item is None:
            return cls(poll.id, Bucket(poll.calls, period, poll.calls, epoch(now)))
        bucket = Bucket(poll.calls, period, min(item["tokens"], poll.calls), item["at"])
        bucket.fill(now)
        return cls(poll.id, bucket, item["ver"], {name: _read(said) for name, said in item["known"].items()})

    def settle(self, store: Store, standing: Iterable[Seen]) -> None:
        """Of what was handed on, what has been taken up since needs no more: its claim says so."""
        waiting: dict[str, list[str]] = defaultdict(list)
        for name in {seen.key for seen in standing} & self.known.keys():
            if (finding := self.known[name].finding) not in ("", NO_FINDING):
                waiting[finding].append(name)
        findings = list(waiting)
        for begin in range(0, len(findings), AT_ONCE):
            asked = {keys.claim(finding): finding for finding in findings[begin : begin + AT_ONCE]}
            for key in store.read(list(asked)):
                for done in waiting[asked[key]]:
                    self.known[done] = self.known[done]._replace(finding="")

    def due(self, standing: Iterable[Seen], now: datetime) -> list[Seen]:
        """What is to be handed on: first what never was, then what nobody has taken up or could read, the longest ago
        first."""
        never, again, at = [], [], epoch(now)
        for seen in standing:
            before = self.known.get(seen.key)
            if before is None and seen.since <= at - GRACE.total_seconds():
                never.append(seen)
            if before and before.finding and before.at <= at - _wait(before).total_seconds():
                again.append((before.at, seen))
        return [
            *sorted(never, key=lambda seen: seen.since),
            *(seen for _, seen in sorted(again, key=lambda one: one[0])),
        ]

    def forget(self, standing: Iterable[Seen]) -> None:
        """What stands no more, and the oldest of what is too much."""
        still = {seen.key for seen in standing}
        kept = sorted((key for key in self.known if key in still), key=lambda key: -self.known[key].at)[:KEPT]
        self.known = {key: self.known[key] for key in kept}

    def write(self) -> Write:
        """All of it, unless another sweep of the same poll has written meanwhile."""
        values: Item = {
            ":tokens": self.bucket.tokens,
            ":at": self.bucket.at,
            ":known": {key: f"{one.at} {one.finding}" for key, one in self.known.items()},
            ":next": self.ver + 1,
        }
        return Write(
            "PLL",
            "Update",
            keys.poll(self.name),
            "#ver = :ver" if self.ver else "attribute_not_exists(#pk)",
            "SET #tokens = :tokens, #at = :at, #known = :known, #ver = :next",
            values={**values, ":ver": self.ver} if self.ver else values,
        )


def _wait(before: Handed) -> timedelta:
    return LATER if before.finding == NO_FINDING else AGAIN


def _read(said: str) -> Handed:
    at, _, finding = said.partition(" ")
    return Handed(int(at), finding)
