"""Demotions: a person lowers how far a policy goes, at once and until they lift it, without a deploy."""

from datetime import datetime
from typing import Any, NamedTuple, Self

from edsr.errors import Refused
from edsr.model import Mode
from edsr.ports import Clock, Item, Key, Store, Write
from edsr.protocol import keys
from edsr.protocol.control_chain import Change, Found, called, switch
from edsr.times import epoch

EVERYWHERE = "*"
"""Stands where a service may stand: the policy is demoted on every subject."""

LADDER = (Mode.OBSERVE, Mode.APPROVE, Mode.AUTOMATIC)
"""Each goes further than the one before."""


class Demotion(NamedTuple):
    """How far a policy goes at most, who said so and why. It ends by itself at `until` (epoch seconds).

    `caller` is how AWS called them, where they came through the route.
    """

    to: Mode
    by: str
    reason: str
    until: int | None = None
    caller: str = ""

    @classmethod
    def of(cls, said: Item) -> Self:
        """As an item has it."""
        return cls(Mode(said["to"]), said["by"], said["reason"], said.get("end"))

    def lowers(self, mode: Mode) -> bool:
        """Whether a policy of this mode goes less far under it."""
        return LADDER.index(self.to) < LADDER.index(mode)


def demoted(item: Item | None, service: str, at: datetime) -> Demotion | None:
    """What a policy is demoted to on a service: the lowest of those that have not ended; None when nothing is."""
    there = (item or {}).get("demoted", {})
    standing = [Demotion.of(there[name]) for name in (EVERYWHERE, service) if name in there]
    lasting = [one for one in standing if one.until is None or one.until > epoch(at)]
    return min(lasting, key=lambda one: LADDER.index(one.to), default=None)


def demote(store: Store, policy: str, where: str, said: Demotion, clock: Clock) -> None:
    """Demote a policy on a service, or EVERYWHERE; what is decided from then on goes no further.

    Raises Transient when it cannot be settled.
    """
    key = keys.demotions(policy)

    def change(found: Found, at: datetime) -> Change:
        item = {"to": said.to.value, "by": said.by, "reason": said.reason, "at": epoch(at)}
        if said.until is not None:
            item["end"] = said.until
        body = {"switch": "demoted", "policy": policy, "service": where, **item, **called(said.caller)}
        return Change([_put(key, found.get(key), where, item)], body)

    switch(store, [key], change, by=said.by, clock=clock)


def _put(key: Key, there: Item | None, where: str, item: Item) -> Write:
    if there is None:
        return Write("MOD", "Put", key, "attribute_not_exists(#pk)", item={"demoted": {where: item}})
    update = "SET #demoted.#where = :said"
    return Write(
        "MOD", "Update", key, "attribute_exists(#demoted)", update, names={"#where": where}, values={":said": item}
    )


def lift(store: Store, policy: str, where: str, *, by: str, reason: str, clock: Clock, caller: str = "") -> None:
    """Lift a demotion: the policy goes as far as its document says. Raises Refused when there is none."""
    key = keys.demotions(policy)

    def change(found: Found, _at: datetime) -> Change:
        there = found.get(key, {}).get("demoted", {})
        if where not in there:
            raise Refused(f"{policy} is not demoted there; it is on: {', '.join(sorted(there)) or 'nothing'}")
        body: dict[str, Any] = {"switch": "restored", "policy": policy, "service": where, "by": by, "reason": reason}
        condition = "attribute_exists(#demoted.#where)"
        write = Write("MOD", "Update", key, condition, "REMOVE #demoted.#where", names={"#where": where})
        return Change([write], {**body, "demoted": there[where], **called(caller)})

    switch(store, [key], change, by=by, clock=clock)
