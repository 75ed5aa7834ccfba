"""What holds an incident back before it changes anything: rates, slots, latches, and too many unwell at once."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from edsr.errors import Refused
from edsr.limits import Limit
from edsr.model import Step
from edsr.policy import Policy
from edsr.policy.safeguards import UNWELL
from edsr.ports import Item, Key, Write
from edsr.protocol import keys
from edsr.protocol.breaker import pass_breaker
from edsr.protocol.brief import Brief
from edsr.protocol.rates import taking
from edsr.protocol.storms import weather
from edsr.times import epoch

UNWELL_PERCENT, UNWELL_LEAST = 55, 3
"""When so many of a fleet are unwell, the observer is wrong more often than the fleet. In a fleet of two, one unwell
is half of it: fewer than three never count as too many."""

UNWELL_MOST = 1_500
"""So many unwell of one kind of a service are counted: more than any storm takes, and no more than an item holds."""


@dataclass(frozen=True)
class Brakes:
    """The brakes as they stood when an attempt looked: what is not there has never been touched.

    `limits` are the rates that the step is counted in, by scope.
    """

    brief: Brief
    policy: Policy
    limits: Mapping[str, Limit]
    found: Mapping[Key, Item]
    action: str

    def before(self, step: Step, at: datetime, *, first: bool) -> list[Write]:
        """The writes that pass every brake; Refused by the first that holds, and Full where it has only to wait.

        `first` says that the incident begins to act with this intent: its own rates are taken once, and in a storm it
        does not begin.
        """
        if first:
            self._storm(at)
        self._unwell(step, at)
        return [
            pass_breaker(self.brief, self._item(keys.breaker(self.brief.policy, self.brief.service)), at),
            self.latch(),
            *taking(self.limits, {scope: self._item(keys.rate(scope)) for scope in self.limits}, at, first=first),
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

    def _slot(self) -> Write:
        most, scope = self.policy.safeguards.concurrency.max, self.brief.slots
        holders = (self._item(keys.slots(scope)) or {}).get("holders", set())
        if reason := taken(scope, most, holders, self.brief.id):
            raise Refused(reason)
        return take_slot(self.brief, most)

    def _storm(self, at: datetime) -> None:
        """Refuse where another incident has told a person of a storm."""
        sky = weather({}, self._item(keys.storm(self.brief.service, self.brief.kind)))
        if sky.stormy(self.brief.id, at):
            raise Refused(f"a storm: {sky.told} told a person, and nothing is begun while it lasts")

    def _unwell(self, step: Step, at: datetime) -> None:
        """Refuse when most of the fleet is unwell: then what is wrong is the observer, or nothing one step mends."""
        items = [item for key, item in self.found.items() if key.pk.startswith("ILL#")]
        count = len(unwell(items, at))
        if crowded(count, step.fleet):
            raise Refused(
                f"{count} of {step.fleet} of its kind in {self.brief.service} are unwell: from {UNWELL_PERCENT} % on "
                "nothing is done, since the observer is more likely wrong"
            )


def crowded(count: int, fleet: int) -> bool:
    """Whether so many of a fleet are unwell that the observer is more likely wrong."""
    return count >= UNWELL_LEAST and count * 100 >= UNWELL_PERCENT * fleet


def take_slot(brief: Brief, most: int) -> Write:
    """A slot for the incident: taken when what acts is admitted; its intents find it theirs."""
    return Write(
        "SEM",
        "Update",
        keys.slots(brief.slots),
        "attribute_not_exists(#holders) OR size(#holders) < :max OR contains(#holders, :inc)",
        "ADD #holders :one",
        values={":max": most, ":inc": brief.id, ":one": {brief.id}},
    )


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
