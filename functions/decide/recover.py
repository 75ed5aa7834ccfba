"""What recovered by itself: an incident of it that has done nothing yet is ended, and whoever waits for an answer is
told."""

import json
from dataclasses import replace
from functools import partial

from pydantic import ValidationError

from edsr.aws.tasks import deliver
from edsr.errors import Malformed, Transient
from edsr.model import State
from edsr.ports import Cancelled, Item, Store
from edsr.protocol import keys
from edsr.protocol.approval import Answer, delivered
from edsr.protocol.case import Case
from edsr.protocol.ending import end
from edsr.protocol.recovering import judge, note, recovered, tell
from edsr.recovery import Recovery
from edsr.serve import Runtime
from edsr.settings import Decide

RACES = 5
OPENING = '{"v": 1, "recovery": '


def recovery_of(body: str) -> Recovery | None:
    """The recovery that a message tells of; None for everything else. Raises Malformed."""
    if not body.startswith(OPENING):
        return None
    try:
        return Recovery.model_validate(json.loads(body)["recovery"])
    except (ValidationError, ValueError) as exc:
        raise Malformed(f"not a recovery: {exc}") from exc


def recover(recovery: Recovery, store: Store, runtime: Runtime[Decide]) -> None:
    """Note it, and only then look for its incident: an ADMIT that has not seen the note is seen by this look, and one
    that comes later sees the note. All of it may be done twice. Raises Transient."""
    _note(recovery, store, runtime)
    guard, told = keys.guard(recovery.subject.arn), keys.observed(recovery.policy, recovery.subject.arn)
    found = store.read([guard, told])
    held = found.get(guard, {})
    for incident in dict.fromkeys(held[name] for name in ("inc_id", "last") if name in held):
        _end(incident, recovery, store, runtime)
    if told in found:
        _tell(found[told], recovery, store, runtime)
    runtime.count("Recoveries", policy=recovery.policy)


def _note(recovery: Recovery, store: Store, runtime: Runtime[Decide]) -> None:
    key = keys.recovered(recovery.policy, recovery.subject.arn)
    for _ in range(RACES):
        writes = note(recovery, recovered(store.read([key]).get(key)), runtime.clock())
        try:
            if writes:
                store.commit(writes)
        except Cancelled:
            continue
        return
    raise Transient(f"a recovery of {recovery.policy} lost {RACES} races to be noted")


def _end(incident: str, recovery: Recovery, store: Store, runtime: Runtime[Decide]) -> None:
    case = Case.look(store, incident)
    if case is None or not recovery.ends(case.incident.finding):
        return
    state = end(store, incident, partial(judge, recovery), actor="decide", clock=runtime.clock)
    runtime.log.info("recovered", extra={"incident_id": incident, "state": state.value})
    if state is State.ABORTED:
        _answer(incident, store, runtime)


def _answer(incident: str, store: Store, runtime: Runtime[Decide]) -> None:
    """Tell the task that waits for an answer that none is needed any more, also where the one before died here."""
    case = Case.look(store, incident)
    asking = case.asking if case else None
    if asking is None or asking.delivered:
        return
    deliver(runtime.clients("stepfunctions"), replace(asking, st=Answer.RECOVERED))
    try:
        store.commit(delivered(incident, asking))
    except Cancelled:
        runtime.log.info("it asks anew, and is refused", extra={"incident_id": incident})


def _tell(told: Item, recovery: Recovery, store: Store, runtime: Runtime[Decide]) -> None:
    """Say so in the chain of the incident that was observed or escalated last."""
    key = keys.incident(told["inc_id"])
    item = store.read([key]).get(key)
    try:
        if item and (writes := tell(recovery, {"pk": key.pk, **item}, runtime.clock())):
            store.commit(writes)
    except Cancelled:
        runtime.log.info("told meanwhile", extra={"incident_id": told["inc_id"]})
