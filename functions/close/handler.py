"""close's function: end an incident as resolved, reverted, escalated or aborted."""

import json
from datetime import datetime
from typing import Any

from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Refused, Transient
from edsr.model import OPEN, Direction, Plan, State, Status
from edsr.ports import Cancelled, Item, Store, Write
from edsr.protocol import keys
from edsr.protocol.ending import close
from edsr.protocol.incident import Incident
from edsr.protocol.stepping import changed_something
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables

RACES = 5


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{end, run}`: `run` is the execution's whole state. Gives the state the incident ended in."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    incident_id, results = event["run"]["inc"], _results(event["run"])
    head, plan = keys.incident(incident_id), keys.plan(incident_id)
    for _ in range(RACES):
        found = store.read([head, plan])
        if head not in found:
            raise Refused(f"there is no incident {incident_id}")
        incident = Incident.of(found[head])
        if incident.state not in OPEN:
            return {"state": incident.state.value}
        end = _end(State(event["end"]), results)
        body = _body(incident, end, event["run"], results, runtime.clock())
        writes = close(
            incident,
            end,
            body,
            actor="close",
            at=runtime.clock(),
            targets=_targets(found.get(plan)),
            undone=end is State.REVERTED,
        )
        if _commit(store, writes):
            runtime.log.info("closed", extra={"incident_id": incident.id, "state": end.value})
            return {"state": end.value}
    raise Transient(f"{incident_id} lost {RACES} races to be closed")


def _body(
    incident: Incident, end: State, ran: dict[str, Any], results: list[dict[str, Any]], at: datetime
) -> dict[str, Any]:
    """What the last record says: enough for a page to be read without looking anything up."""
    found = incident.finding
    return {
        "state": end.value,
        "verdicts": results,
        "reason": reason(end, ran, results),
        "title": found.title,
        "severity": found.severity.value,
        "subject": found.subject.arn,
        "service": found.subject.service,
        "policy": incident.policy.id,
        "runbook": incident.policy.runbook,
        "took_ms": int((at - found.detected_at).total_seconds() * 1000),
    }


def _end(asked: State, results: list[dict[str, Any]]) -> State:
    """An escalation after a complete undo is a revert: what was done is undone, and a person still looks.

    Where nobody knows whether a step took effect, nobody knows whether all of it is undone.
    """
    undone = [result for result in results if result.get("direction") == Direction.REVERT]
    complete = undone and all(
        changed_something(Status(result["status"])) or result["status"] == Status.NOOP for result in undone
    )
    complete = complete and all(result.get("status") != Status.UNKNOWN for result in results)
    return State.REVERTED if asked is State.ESCALATED and complete else asked


def reason(end: State, ran: dict[str, Any], results: list[dict[str, Any]]) -> str:
    """Why it ended so, in a sentence for the person who is woken."""
    if error := ran.get("error"):
        return f"{error.get('Error', 'an error')}: {_message(error.get('Cause', ''))}"
    said = dict.fromkeys(str(result.get("observed") or result["judged"]) for result in results)
    return ("verified: " if end is State.RESOLVED else "not better: ") + ("; ".join(said) or "nothing was done")


def _results(ran: dict[str, Any]) -> list[dict[str, Any]]:
    """What each step of the last stage came to, and of the stage before it: no intent may have carried its verdicts.

    A step that raised says which error and why; what only the machine counts is left out.
    """
    last = ran.get("stage", {}).get("results", [])
    return [_result(result) for result in [*ran.get("verdicts", []), *last]]


def _result(result: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: result[name] for name in ("step", "direction", "status", "judged", "observed", "at") if name in result
    }
    if error := result.get("error"):
        kept["observed"] = f"{error.get('Error', 'an error')}: {_message(error.get('Cause', ''))}"
    return kept


def _message(cause: str) -> str:
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause


def _targets(plan: Item | None) -> list[str]:
    if plan is None:
        return []
    return [step.target for stage in Plan.model_validate_json(plan["body"]).stages for step in stage.steps]


def _commit(store: Store, writes: list[Write]) -> bool:
    """Commit, leaving out locks and guards that are another's by now; False when the incident itself moved."""
    try:
        store.commit(writes)
    except Cancelled as exc:
        if "HEAD" in exc.found or "REC" in exc.found:
            return False
        return _commit(store, [write for write in writes if write.label not in exc.found])
    return True


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(actions=("dynamodb:BatchGetItem", "dynamodb:UpdateItem"), on="state-table"),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
        ),
    ),
)
