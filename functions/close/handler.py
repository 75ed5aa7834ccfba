"""close's function: end an incident as resolved, reverted, escalated or aborted."""

import json
from typing import Any

from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.model import Direction, State, Status
from edsr.protocol.ending import Ending, end
from edsr.protocol.stepping import changed_something
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{end, run}`: `run` is the execution's whole state. Gives the state the incident ended in."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    incident_id, results = event["run"]["inc"], _results(event["run"])
    to = _end(State(event["end"]), results)
    ending = Ending(to, reason(to, event["run"], results), results)
    state = end(store, incident_id, lambda _incident: ending, actor="close", clock=runtime.clock)
    runtime.log.info("closed", extra={"incident_id": incident_id, "state": state.value})
    return {"state": state.value}


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


def reason(to: State, ran: dict[str, Any], results: list[dict[str, Any]]) -> str:
    """Why it ended so, in a sentence for the person who is woken."""
    if error := ran.get("error"):
        return f"{error.get('Error', 'an error')}: {_message(error.get('Cause', ''))}"
    said = dict.fromkeys(str(result.get("observed") or result["judged"]) for result in results)
    return ("verified: " if to is State.RESOLVED else "not better: ") + ("; ".join(said) or "nothing was done")


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
