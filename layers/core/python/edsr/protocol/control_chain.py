"""The chain of what was switched: `CTL#<year-month>`, one record for each change, in the change's own transaction.

A month begins with the hash that the month before ended with, and seals it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from edsr import audit
from edsr.errors import Transient
from edsr.model import Kind
from edsr.ports import Cancelled, Clock, Item, Key, Store, Write
from edsr.protocol import keys
from edsr.protocol.incident import KEPT, put_record
from edsr.times import epoch

MONTHS_BACK = 24
"""How far back the last record is looked for; rows of the audit are kept for less."""

RACES = 20
"""An engage has to win against every intent that checks one of the copies."""

Found = Mapping[Key, Item]


class Change(NamedTuple):
    """What is switched: the writes, and what the record says of it."""

    writes: list[Write]
    body: dict[str, Any]


def switch(
    store: Store, where: list[Key], change: Callable[[Found, datetime], Change], *, by: str, clock: Clock
) -> Change:
    """Make a change and its record in one transaction, and give it; what lost a race is read and worked out again, also
    when it lost to intents that only looked at a copy."""
    for _ in range(RACES):
        at = clock()
        found = store.read([*where, *heads(at)])
        made = change(found, at)
        try:
            store.commit([*made.writes, *append(found, made.body, actor=by, at=at)])
        except (Cancelled, Transient):
            continue
        return made
    raise Transient(f"{by} lost {RACES} races to switch: try again")


def called(caller: str) -> dict[str, str]:
    """How AWS called a person, for the record; nothing for who did not come through the route."""
    return {"caller": caller} if caller else {}


def months(at: datetime) -> list[str]:
    """The next month, this one and those before it, the latest first: another's clock may be in the next already."""
    last = at.year * 12 + at.month
    return [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(last, last - MONTHS_BACK, -1)]


def heads(at: datetime) -> list[Key]:
    """Where the chain's head may be."""
    return [keys.control(month) for month in months(at)]


def append(found: Found, body: dict[str, Any], *, actor: str, at: datetime) -> list[Write]:
    """The writes that put one record at the end of the chain, of the heads that were read."""
    following, this, *earlier = months(at)
    if keys.control(following) in found:
        this, earlier = following, [this, *earlier]
    item = found.get(keys.control(this))
    last = next((month for month in earlier if keys.control(month) in found), None) if item is None else None
    before = found[keys.control(last)]["head_hash"] if last else audit.GENESIS
    head = audit.Head(item["head_seq"], item["head_hash"]) if item else audit.Head(0, before)
    record = audit.link(head, f"{keys.CONTROL}{this}", Kind.CONTROL, body, actor=actor, at=at, mode="control")
    values: Item = {":new_seq": record.seq, ":new_hash": record.hash, ":before": before}
    condition = "attribute_not_exists(#pk)"
    if item:
        condition = "#head_seq = :seq AND #head_hash = :hash AND attribute_not_exists(#sealed)"
        values |= {":seq": head.seq, ":hash": head.hash}
    values[":ttl"] = epoch(at + KEPT)
    update = (
        "SET #head_seq = :new_seq, #head_hash = :new_hash, #ttl = :ttl,"
        " #began_with = if_not_exists(#began_with, :before)"
    )
    moved = Write("CTL", "Update", keys.control(this), condition, update, values=values)
    return [moved, put_record(record, at, "CTL REC"), *([_seal(last, before)] if last else [])]


def _seal(month: str, last_hash: str) -> Write:
    """The month before ends with this hash, for good."""
    return Write(
        "CTL before",
        "Update",
        keys.control(month),
        "#head_hash = :hash",
        "SET #sealed = :true",
        values={":hash": last_hash, ":true": True},
    )
