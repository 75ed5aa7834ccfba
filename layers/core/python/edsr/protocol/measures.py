"""Temporary measures: what was done only for a while, until when, and how often it may be renewed."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from edsr.model import Outcome, Status, Step
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.rates import SKEW
from edsr.times import epoch

CHANGED: tuple[str, ...] = (Status.DONE, Status.RECOVERED, Status.NOOP, Status.GONE)
"""How a measure's undoing may have ended for it to be over."""


class Measure(NamedTuple):
    """A temporary measure that is in place. Times are epoch seconds; `lasts` is in seconds."""

    n: int
    expires_at: int
    lasts: int
    renewals: int
    most: int

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read it from its item."""
        n = int(item["sk"].removeprefix("EXP#"))
        return cls(n, item["expires_at"], item["lasts"], item["renewals"], item["max"])

    @property
    def spent(self) -> bool:
        """Whether it may not be renewed any more."""
        return self.renewals >= self.most


def begin(incident_id: str, step: Step, done: Outcome) -> Write:
    """EXP: a measure ends itself, or is renewed."""
    lasts = step.expires or 0
    item: Item = {
        "expires_at": epoch(done.at + timedelta(seconds=lasts)),
        "lasts": lasts,
        "renewals": 0,
        "max": step.renew,
    }
    return Write("EXP", "Put", keys.measure(incident_id, step.n), "attribute_not_exists(#pk)", item=item)


def renew(incident_id: str, measure: Measure, at: datetime) -> Write:
    """A measure whose trouble is not over stays for as long again."""
    return Write(
        f"EXP {measure.n}",
        "Update",
        keys.measure(incident_id, measure.n),
        "#renewals = :renewals",
        "SET #renewals = :next, #expires_at = :until",
        values={
            ":renewals": measure.renewals,
            ":next": measure.renewals + 1,
            ":until": epoch(at) + measure.lasts,
        },
    )


def finish(incident_id: str, n: int) -> Write:
    """A measure that was found undone, or whose target is gone: nothing was intended that would say so."""
    return Write(
        f"EXP {n}",
        "Update",
        keys.measure(incident_id, n),
        "attribute_exists(#pk)",
        "SET #over = :true",
        values={":true": True},
    )


def live(items: Mapping[str, Item]) -> list[Measure]:
    """The measures in place, of an incident's items by sort key: begun, not undone, and not found to be over."""
    begun = {name: item for name, item in items.items() if name.startswith("EXP#")}
    found = [Measure.of(item) for item in begun.values() if "over" not in item]
    return [measure for measure in found if items.get(f"STEP#{measure.n}#revert", {}).get("st") not in CHANGED]


def due(measures: Iterable[Measure], at: datetime) -> list[Measure]:
    """Those whose time is over, also by a clock that is ahead of this one: all of a run have to agree."""
    return [measure for measure in measures if measure.expires_at <= epoch(at + SKEW)]
