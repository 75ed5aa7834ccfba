"""CLOSE: an incident ends once; its locks and its guard are freed and its cooldown begins, in one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from edsr.errors import Refused, Transient
from edsr.model import OPEN, Kind, Plan, State
from edsr.ports import Cancelled, Clock, Item, Store, Write
from edsr.protocol import keys
from edsr.protocol.incident import Incident, Move, advance
from edsr.times import epoch

RACES = 5


class Ending(NamedTuple):
    """How an incident ends: the state, why in a sentence, and the verdicts that no intent has carried."""

    to: State
    reason: str
    verdicts: list[dict[str, Any]]


def end(store: Store, incident_id: str, judge: Callable[[Incident], Ending], *, actor: str, clock: Clock) -> State:
    """End an incident as `judge` says, whoever asks and however often; gives the state it ended in, now or before.

    Raises Refused for an incident that does not exist, Transient when it cannot be settled.
    """
    head, plan = keys.incident(incident_id), keys.plan(incident_id)
    for _ in range(RACES):
        found = store.read([head, plan])
        if head not in found:
            raise Refused(f"there is no incident {incident_id}")
        incident = Incident.of(found[head])
        if incident.state not in OPEN:
            return incident.state
        ending = judge(incident)
        if _commit(store, close(incident, ending, actor=actor, at=clock(), targets=_targets(found.get(plan)))):
            return ending.to
    raise Transient(f"{incident_id} lost {RACES} races to be closed")


def close(incident: Incident, ending: Ending, *, actor: str, at: datetime, targets: set[str]) -> list[Write]:
    """The writes that end an incident; `targets` are those it may hold locks on.

    A lock or guard that is another's by now cancels it: leave that write out and commit again.
    """
    moved, _ = advance(
        incident, Move(ending.to, Kind.CLOSE, _body(incident, ending, at), actor=actor, at=at, when=OPEN)
    )
    undone = ending.to is State.REVERTED
    return [*moved, _release(incident, at, undone=undone), *(_unlock(incident, target) for target in sorted(targets))]


def _body(incident: Incident, ending: Ending, at: datetime) -> dict[str, Any]:
    """What the last record says: enough for a page to be read without looking anything up."""
    found = incident.finding
    return {
        "state": ending.to.value,
        "verdicts": ending.verdicts,
        "reason": ending.reason,
        "title": found.title,
        "severity": found.severity.value,
        "subject": found.subject.arn,
        "service": found.subject.service,
        "policy": incident.policy.id,
        "runbook": incident.policy.runbook,
        "took_ms": int((at - found.detected_at).total_seconds() * 1000),
    }


def _commit(store: Store, writes: list[Write]) -> bool:
    """Commit, leaving out locks and guards that are another's by now; False when the incident itself moved."""
    try:
        store.commit(writes)
    except Cancelled as exc:
        if "HEAD" in exc.found or "REC" in exc.found:
            return False
        return _commit(store, [write for write in writes if write.label not in exc.found])
    return True


def _targets(plan: Item | None) -> set[str]:
    if plan is None:
        return set()
    return {step.target for stage in Plan.model_validate_json(plan["body"]).stages for step in stage.steps}


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
