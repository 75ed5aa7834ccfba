"""What holds an incident back before it changes anything: rates, slots, latches, and too many unwell at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from edsr.errors import Refused
from edsr.limits import Limit
from edsr.model import Step
from edsr.policy import Policy
from edsr.policy.safeguards import UNWELL
from edsr.ports import Item, Key, Write
from edsr.protocol import keys
from edsr.protocol.breaker import pass_breaker
from edsr.protocol.brief import Brief
from edsr.times import epoch

SKEW = timedelta(seconds=5)
"""Any two of our clocks differ by less."""

UNWELL_PERCENT, UNWELL_LEAST = 55, 3
"""When so many of a fleet are unwell, the observer is wrong more often than the fleet. In a fleet of two, one unwell
is half of it: fewer than three never count as too many."""

UNWELL_MOST = 1_500
"""So many unwell of one kind of a service are counted: more than any storm takes, and no more than an item holds."""

GLOBAL = "all"


@dataclass(frozen=True)
class Brakes:
    """The brakes as they stood when an attempt looked: what is not there has never been touched.

    `limits` are the rates of an incident by scope, and `GLOBAL` for every intent there is.
    """

    brief: Brief
    policy: Policy
    limits: Mapping[str, Limit]
    found: Mapping[Key, Item]
    action: str

    def before(self, step: Step, at: datetime, *, first: bool) -> list[Write]:
        """The writes that pass every brake; Refused by the first that holds.

        `first` says that the incident begins to act with this intent: its rates are taken once, the global one always.
        """
        self._unwell(step, at)
        return [
            pass_breaker(self.brief, self._item(keys.breaker(self.brief.policy, self.brief.service)), at),
            self.latch(),
            *self._rates(at, first=first),
            self._slot(),
        ]

    def _item(self, key: Key) -> Item | None:
        return self.found.get(key)

    def latch(self) -> Write:
        """The action was not denied in this account, or a person has seen to it since."""
        key = keys.latch(self.action, self.brief.account)
        item = self._item(key)
        if reason := latched(self.action, self.brief.account, denied_by(item)):
            raise Refused(reason)
        return Write(
            "DENY", "Check", key, "attribute_not_exists(#pk) OR #state = :closed", values={":closed": "closed"}
        )

    def _rates(self, at: datetime, *, first: bool) -> Iterator[Write]:
        for scope, limit in self.limits.items():
            if first or scope == GLOBAL:
                yield take(scope, limit, self._item(keys.rate(scope)), at)

    def _slot(self) -> Write:
        most, scope = self.policy.safeguards.concurrency.max, self.brief.slots
        holders = (self._item(keys.slots(scope)) or {}).get("holders", set())
        if reason := taken(scope, most, holders, self.brief.id):
            raise Refused(reason)
        return Write(
            "SEM",
            "Update",
            keys.slots(scope),
            "attribute_not_exists(#holders) OR size(#holders) < :max OR contains(#holders, :inc)",
            "ADD #holders :one",
            values={":max": most, ":inc": self.brief.id, ":one": {self.brief.id}},
        )

    def _unwell(self, step: Step, at: datetime) -> None:
        """Refuse when most of the fleet is unwell: then what is wrong is the observer, or nothing one step mends."""
        items = [item for key, item in self.found.items() if key.pk.startswith("ILL#")]
        count = len(unwell(items, at))
        if count >= UNWELL_LEAST and count * 100 >= UNWELL_PERCENT * step.fleet:
            raise Refused(
                f"{count} of {step.fleet} of its kind in {self.brief.service} are unwell: from {UNWELL_PERCENT} % on "
                "nothing is done, since the observer is more likely wrong"
            )


def limits_of(brief: Brief, policy: Policy, *, subject: Limit, service: Limit, everywhere: Limit) -> dict[str, Limit]:
    """Every rate that an incident is counted in, by scope."""
    rate = policy.safeguards.rate
    return {
        f"subject:{brief.subject}": subject,
        f"service:{brief.service}": service,
        brief.rate: Limit(rate.max, rate.per),
        GLOBAL: everywhere,
    }


def rate_scopes(brief: Brief) -> tuple[str, ...]:
    """The scopes of `limits_of`, known from the brief alone."""
    return f"subject:{brief.subject}", f"service:{brief.service}", brief.rate, GLOBAL


class Used(NamedTuple):
    """What a scope's rate has counted: its limit, and the times of the last that were taken."""

    scope: str
    limit: Limit
    stamps: tuple[int, ...] = ()

    @property
    def window(self) -> int:
        """Seconds in which a time counts: the margin for clocks that differ makes them more, never less."""
        return int((self.limit.per + SKEW).total_seconds())

    def counted(self, at: datetime) -> list[int]:
        """The times that still count."""
        return [stamp for stamp in self.stamps if stamp > epoch(at) - self.window]

    def full(self, at: datetime) -> str:
        """Why there may not be another now; nothing when there may."""
        stamps, limit = self.counted(at), self.limit
        if len(stamps) < limit.most:
            return ""
        left = stamps[-limit.most] + self.window - epoch(at)
        return f"{limit.most} in {limit.per} is the most for {self.scope}: the next may be in {left} s"


def used(scope: str, limit: Limit, item: Item | None) -> Used:
    """A rate as its item has it; what is not there was never taken."""
    return Used(scope, limit, tuple((item or {}).get("stamps", ())))


def taken(scope: str, most: int, holders: Collection[str], incident: str) -> str:
    """Why an incident finds no slot; nothing when one is free, or its own."""
    if len(holders) < most or incident in holders:
        return ""
    return f"{', '.join(sorted(holders))} already act on {scope}, and at most {most} may at once"


def denied_by(item: Item | None) -> str:
    """The incident in which an action was denied, while a person has not seen to it."""
    return str(item["incident"]) if item and item["state"] != "closed" else ""


def latched(action: str, account: str, incident: str) -> str:
    """Why an action is not taken in an account; nothing when no incident was denied it there."""
    if not incident:
        return ""
    return f"{action} was denied in account {account} by {incident}: it stays latched until a person releases it"


def take(scope: str, limit: Limit, item: Item | None, at: datetime) -> Write:
    """One more in a sliding window, exactly: the last times are compared and set. Refused when it is full."""
    before = used(scope, limit, item)
    if reason := before.full(at):
        raise Refused(reason)
    now, stamps, ver = epoch(at), before.counted(at), (item or {}).get("ver", 0)
    return Write(
        f"RTE {scope}",
        "Update",
        keys.rate(scope),
        "#ver = :ver" if item else "attribute_not_exists(#pk)",
        "SET #stamps = :stamps, #ver = :next, #ttl = :ttl",
        values={
            ":stamps": [*stamps, max(now, *stamps)] if stamps else [now],
            ":next": ver + 1,
            ":ttl": now + before.window + 86_400,
            **({":ver": ver} if item else {}),
        },
    )


def unwell_keys(service: str, kind: str, at: datetime) -> list[Key]:
    """Where the unwell of now and of a moment ago are kept: a window's item is not written to any more after it."""
    window = epoch(at) // int(UNWELL.total_seconds())
    return [keys.unwell(service, kind, window - 1), keys.unwell(service, kind, window)]


def unwell(items: Iterable[Item], at: datetime) -> dict[str, int]:
    """The subjects about which something was found lately, and the second when it last was."""
    since, found = epoch(at - UNWELL), dict[str, int]()
    for item in items:
        for name, seen in item.items():
            if name.startswith("arn:") and seen > since:
                found[name] = max(seen, found.get(name, 0))
    return found


def mark_unwell(brief: Brief, at: datetime) -> Write:
    """Something was found about a subject."""
    return Write(
        "ILL",
        "Update",
        unwell_keys(brief.service, brief.kind, at)[1],
        "",
        "SET #subject = :now, #ttl = :ttl",
        names={"#subject": brief.subject},
        values={":now": epoch(at), ":ttl": epoch(at + 4 * UNWELL)},
    )
