"""Rehearsals: people are asked for an answer that acts on nothing; who answered, or that nobody did, is on record."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from edsr.errors import Refused
from edsr.ports import Clock, Item, Store, Write
from edsr.protocol import keys
from edsr.protocol.control_chain import Change, Found, called, switch
from edsr.times import epoch, iso

EXPIRES = timedelta(days=1)
"""How long people have to answer: whoever has a day off is not missed."""

REHEARSED = "rehearsal"
"""What a record of it says where others say what was switched."""


class Stands(StrEnum):
    """How a rehearsal stands."""

    PENDING = "PENDING"
    ANSWERED = "ANSWERED"
    MISSED = "MISSED"


class Rehearsal(NamedTuple):
    """One of them, by the time at which people were asked; until when (epoch seconds), and who answered."""

    asked: str
    st: Stands
    expires_at: int
    by: str = ""

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read it from its item."""
        return cls(item["asked"], Stands(item["st"]), item["expires_at"], item.get("by", ""))


def ask(store: Store, clock: Clock) -> Rehearsal:
    """Begin one; one that still waits goes on instead, so that who asks twice has asked once. Raises Transient."""
    waits = latest(store)
    if waits and waits.st is Stands.PENDING and waits.expires_at > epoch(clock()):
        return waits

    def change(found: Found, at: datetime) -> Change:
        made = Rehearsal(iso(at), Stands.PENDING, epoch(at + EXPIRES))
        return _change(found.get(keys.REHEARSAL), made, {"is": "asked", "by": "edsr"})

    return _made(store, change, "edsr", clock)


def answer(store: Store, *, by: str, caller: str, clock: Clock) -> Rehearsal:
    """Somebody answers. Raises Refused when nobody was asked, somebody has answered or the time is over; Transient."""

    def change(found: Found, at: datetime) -> Change:
        item = found.get(keys.REHEARSAL)
        if item is None or Stands(item["st"]) is not Stands.PENDING or item["expires_at"] <= epoch(at):
            raise Refused("no rehearsal waits for an answer")
        made = Rehearsal.of(item)._replace(st=Stands.ANSWERED, by=by)
        return _change(item, made, {"is": "answered", "by": by, **called(caller)})

    return _made(store, change, by, clock)


def miss(store: Store, clock: Clock) -> Rehearsal | None:
    """Write down that nobody answered in time, and give the rehearsal, again when it was written down before; None when
    somebody did, or may still. Raises Transient."""
    stands = latest(store)
    if stands is None or stands.st is Stands.ANSWERED or stands.expires_at > epoch(clock()):
        return None
    if stands.st is Stands.MISSED:
        return stands

    def change(found: Found, _: datetime) -> Change:
        item = found[keys.REHEARSAL]
        return _change(item, Rehearsal.of(item)._replace(st=Stands.MISSED), {"is": "missed", "by": "edsr"})

    return _made(store, change, "edsr", clock)


def latest(store: Store) -> Rehearsal | None:
    """The latest, if there ever was one. Raises Transient."""
    item = store.read([keys.REHEARSAL]).get(keys.REHEARSAL)
    return Rehearsal.of(item) if item else None


def _change(before: Item | None, made: Rehearsal, said: dict[str, str]) -> Change:
    """Only what was read is written over: of two who answer one is the first."""
    condition = "#asked = :was AND #st = :stood" if before else "attribute_not_exists(#pk)"
    values = {":was": before["asked"], ":stood": before["st"]} if before else None
    item: Item = {**made._asdict(), "st": made.st.value}
    written = Write("RHS", "Put", keys.REHEARSAL, condition, item=item, values=values)
    return Change([written], {"switch": REHEARSED, "asked": made.asked, "expires_at": made.expires_at, **said})


def _made(store: Store, change: Callable[[Found, datetime], Change], by: str, clock: Clock) -> Rehearsal:
    made = switch(store, [keys.REHEARSAL], change, by=by, clock=clock)
    return Rehearsal.of(made.writes[0].item or {})
