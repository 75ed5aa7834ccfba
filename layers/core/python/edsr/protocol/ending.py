"""CLOSE: an incident ends once; its locks and its guard are freed and its cooldown begins, in one transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from edsr.model import OPEN, Kind, State
from edsr.ports import Write
from edsr.protocol import keys
from edsr.protocol.incident import Incident, Move, advance
from edsr.times import epoch


def close(
    incident: Incident,
    to: State,
    body: dict[str, Any],
    *,
    actor: str,
    at: datetime,
    targets: Iterable[str],
    undone: bool = False,
) -> list[Write]:
    """The writes that end an incident; `targets` are those it may hold locks on.

    A lock or guard that is another's by now cancels it: leave that write out and commit again.
    """
    moved, _ = advance(incident, Move(to, Kind.CLOSE, body, actor=actor, at=at, when=OPEN))
    return [
        *moved,
        _release(incident, at, undone=undone),
        *(_unlock(incident, target) for target in sorted(set(targets))),
    ]


def _release(incident: Incident, at: datetime, *, undone: bool) -> Write:
    cool = epoch(at + incident.policy.safeguards.cooldown)
    update = "SET #cool.#policy = :cool" + (", #undone.#playbook = :now" if undone else "") + " REMOVE #inc_id, #until"
    return Write(
        "GRD",
        "Update",
        keys.guard(incident.finding.subject.arn),
        "#inc_id = :inc",
        update,
        names={"#policy": incident.policy.id, **({"#playbook": incident.playbook.id} if undone else {})},
        values={":inc": incident.id, ":cool": cool, **({":now": epoch(at)} if undone else {})},
    )


def _unlock(incident: Incident, target: str) -> Write:
    return Write(
        f"LCK {target}",
        "Update",
        keys.lock(target),
        "#owner = :inc",
        "REMOVE #owner, #lease_until",
        values={":inc": incident.id},
    )
