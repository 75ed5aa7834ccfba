"""What people and brakes switch, each change with a record of its own: the kill switch, and the latches."""

from datetime import datetime
from typing import Any, NamedTuple

from edsr.errors import Refused
from edsr.ports import Clock, Item, Key, Store, Write
from edsr.protocol import keys
from edsr.protocol.control_chain import Change, Found, called, switch
from edsr.times import epoch

ALL = "all"
SWITCHES = [keys.switch(number) for number in range(keys.SWITCHES)]


class Engaged(NamedTuple):
    """Who engages the kill switch and why. It ends by itself at `until` (epoch seconds); `undo` lets undoing go on.

    `caller` is how AWS called them, where they came through the route.
    """

    by: str
    reason: str
    undo: bool = False
    until: int | None = None
    caller: str = ""


def engage(store: Store, scope: str, said: Engaged, clock: Clock) -> None:
    """Engage the kill switch for a scope (`all`, `service:X`, `policy:X`, `account:X`, `region:X`), all copies at once.

    When it returns, no intent that the scope covers commits any more. Raises Transient when it cannot be settled.
    """
    switch(store, [*SWITCHES], lambda found, at: engaging(found, scope, said, at), by=said.by, clock=clock)


def engaging(found: Found, scope: str, said: Engaged, at: datetime) -> Change:
    """What engages a scope; a copy that is lost is made anew."""
    if scope == ALL and said.until is not None:
        raise Refused("all does not end by itself: two people release it")
    item = {"by": said.by, "reason": said.reason, "at": epoch(at), "undo": said.undo}
    if said.until is not None:
        item["end"] = said.until
    body = {"switch": "engaged", "scope": scope, **item, **called(said.caller)}
    return Change([_engage(key, found.get(key), scope, item) for key in SWITCHES], body)


def _engage(key: Key, copy: Item | None, scope: str, said: Item) -> Write:
    label = f"KIL {key.pk}"
    if copy is None:
        return Write(label, "Put", key, "attribute_not_exists(#pk)", item={"engaged": {scope: said}})
    return Write(
        label,
        "Update",
        key,
        "attribute_exists(#engaged)",
        "SET #engaged.#scope = :said",
        names={"#scope": scope},
        values={":said": said},
    )


def release(store: Store, scope: str, *, by: str, reason: str, clock: Clock, caller: str = "") -> bool:
    """Release a scope; `all` takes two people, so False says that a second one has to do the same.

    Raises Refused when the scope is not engaged, or the same person asks again.
    """

    def change(found: Found, _at: datetime) -> Change:
        made = releasing(found, scope, by=by, reason=reason)
        return made._replace(body={**made.body, **called(caller)})

    made = switch(store, [*SWITCHES], change, by=by, clock=clock)
    return bool(made.body["switch"] == "released")


_FIRST = "attribute_not_exists(#engaged.#scope.#released_by)"
_SECOND = "#engaged.#scope.#released_by = :first"


def releasing(found: Found, scope: str, *, by: str, reason: str) -> Change:
    """What releases a scope, or, for `all`, what the first of two people does."""
    there = engaged(found)
    if scope not in there:
        raise Refused(f"{scope} is not engaged; engaged are: {', '.join(sorted(there)) or 'none'}")
    said = there[scope]
    first = said.get("released_by")
    if scope == ALL and first == by:
        raise Refused(f"{by} has released {scope} already: a second person has to")
    final = scope != ALL or first is not None
    update = "REMOVE #engaged.#scope" if final else "SET #engaged.#scope.#released_by = :by"
    condition = "attribute_exists(#engaged.#scope)"
    if scope == ALL:
        condition += f" AND {_SECOND if final else _FIRST}"
    values = {":first": first} if scope == ALL and final else {} if final else {":by": by}
    writes = [
        Write(f"KIL {key.pk}", "Update", key, condition, update, names={"#scope": scope}, values=values or None)
        for key in SWITCHES
        if scope in found.get(key, {}).get("engaged", {})
    ]
    what = "released" if final else "release-asked"
    return Change(writes, {"switch": what, "scope": scope, "by": by, "reason": reason, "engaged": said})


def release_over(store: Store, found: Found, *, by: str, reason: str, clock: Clock) -> list[str]:
    """Release every scope whose time is over in what was found, and give them; it is read again for each release, since
    a scope may be engaged anew, for longer, at any moment."""
    return [scope for scope in ended(found, clock()) if _release_ended(store, scope, by, reason, clock)]


def _release_ended(store: Store, scope: str, by: str, reason: str, clock: Clock) -> bool:
    def change(found: Found, at: datetime) -> Change:
        if scope not in ended(found, at):
            raise Refused(f"{scope} was engaged anew or released meanwhile")
        return releasing(found, scope, by=by, reason=reason)

    try:
        switch(store, [*SWITCHES], change, by=by, clock=clock)
    except Refused:
        return False  # somebody else decided about it, and their record says so
    return True


def ended(found: Found, at: datetime) -> list[str]:
    """The scopes whose time is over in every copy that names them."""
    now = epoch(at)
    return [scope for scope, said in engaged(found).items() if said.get("end", now + 1) <= now]


def engaged(found: Found) -> dict[str, Any]:
    """Every engaged scope, of any copy."""
    return {scope: said for key in SWITCHES for scope, said in found.get(key, {}).get("engaged", {}).items()}


def standing(found: Found, at: datetime) -> dict[str, Any]:
    """Every engaged scope whose time is not over."""
    over = ended(found, at)
    return {scope: said for scope, said in engaged(found).items() if scope not in over}


def release_latch(store: Store, key: Key, *, by: str, reason: str, clock: Clock, caller: str = "") -> None:
    """A person has seen to what latched: an action that was denied, or a subject that went in circles.

    Raises Refused when nothing is latched there.
    """

    def change(found: Found, _at: datetime) -> Change:
        item = found.get(key, {})
        guard = key.pk.startswith("GRD#")
        if not (item.get("latched") if guard else item.get("state") == "open"):
            raise Refused(f"nothing is latched at {key.pk}")
        body = {"latch": key.pk, "switch": "released", "by": by, "reason": reason, **called(caller)}
        write = _unlatch_subject(key, item) if guard else _unlatch_action(key, item)
        return Change([write], body)

    switch(store, [key], change, by=by, clock=clock)


def _unlatch_subject(key: Key, item: Item) -> Write:
    """What was undone there before is forgiven, too: else the next repair would latch it again."""
    values = {":it": item["latched"], ":empty": {}}
    update = "SET #undone = :empty REMOVE #latched, #latched_at"
    return Write("LATCH", "Update", key, "#latched = :it", update, values=values)


def _unlatch_action(key: Key, item: Item) -> Write:
    values = {":it": item["incident"], ":closed": "closed"}
    return Write("LATCH", "Update", key, "#incident = :it", "SET #state = :closed", values=values)
