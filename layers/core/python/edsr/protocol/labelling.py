"""Labels: an operator says what an incident was, once it has ended; the latest counts, and each is on record."""

from datetime import datetime

from edsr.errors import Refused
from edsr.indicators.labels import LABELLED, Label
from edsr.model import UNDER_WAY, State
from edsr.ports import Clock, Item, Store, Write
from edsr.protocol import keys
from edsr.protocol.control_chain import Change, Found, called, switch
from edsr.protocol.incident import KEPT
from edsr.times import epoch


def label(store: Store, incident: str, to: Label, *, by: str, reason: str, clock: Clock, caller: str = "") -> Label:
    """Label an incident; gives what it was labelled before. Raises Refused for one that is not there or goes on, and
    Transient when it cannot be settled."""
    head, key = keys.incident(incident), keys.label(incident)

    def change(found: Found, at: datetime) -> Change:
        _ended(incident, found.get(head))
        was = found.get(key, {}).get("label", Label.UNCLEAR.value)
        body = {"switch": LABELLED, "incident": incident, "label": to.value, "was": was, "by": by, "reason": reason}
        return Change([_put(incident, was if key in found else None, to, by, at)], {**body, **called(caller)})

    made = switch(store, [head, key], change, by=by, clock=clock)
    return Label(made.body["was"])


def _ended(incident: str, item: Item | None) -> None:
    if item is None:
        raise Refused(f"there is no incident {incident}")
    if State(item["st"]) in UNDER_WAY:
        raise Refused(f"{incident} is {item['st']}: what it was can be said once it has ended")


def _put(incident: str, was: str | None, to: Label, by: str, at: datetime) -> Write:
    """What the record says it was before has to be so."""
    condition, values = ("#label = :was", {":was": was}) if was else ("attribute_not_exists(#pk)", None)
    item: Item = {"label": to.value, "by": by, "at": epoch(at), "ttl": epoch(at + KEPT)}
    return Write("LBL", "Put", keys.label(incident), condition, item=item, values=values)
