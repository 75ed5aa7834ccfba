"""close's function: end an incident as resolved, reverted, escalated or aborted."""

from functools import partial
from typing import Any

from edsr.audit import Head
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.model import Direction, Judged, State, Status
from edsr.protocol.brief import Brief
from edsr.protocol.case import Case
from edsr.protocol.ending import Ending, Known, end, end_known
from edsr.protocol.stepping import changed_something
from edsr.protocol.verdicts import described, stages, told, uncarried
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables

_PLAIN = (Status.DONE, Status.NOOP, Status.GONE)
"""How a step ends whose outcome is known to be on record, or to need none."""


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{end, run}`: `run` is the execution's whole state. Gives the state the incident ended in."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    ran = event["run"]
    ending = _ending(State(event["end"]), ran)
    known = _known(ending, ran)
    if known and end_known(store, known, ending, actor="close", at=runtime.clock()):
        state = ending.to
    else:
        state = end(store, ran["inc"], partial(_judged, ending, ran), actor="close", clock=runtime.clock)
    runtime.log.info("closed", extra={"incident_id": ran["inc"], "state": state.value})
    return {"state": state.value}


def _judged(ending: Ending, ran: dict[str, Any], case: Case) -> Ending | None:
    """The ending, unless a run that applies finds that its incident holds: it left it so itself, and was not told. What
    did harm is reverted only when all of it is undone."""
    applies = ran.get("plan", {}).get("direction") == Direction.APPLY
    if applies and case.incident.state is State.HOLDING:
        return None
    stays = ending.to is State.REVERTED and case.incident.harm and case.standing
    return ending._replace(to=State.ESCALATED) if stays else ending


def _ending(asked: State, ran: dict[str, Any]) -> Ending:
    nested = [ran.get("verdicts", []), ran["stage"]["results"]] if "stage" in ran else ran.get("verdicts", [])
    every = [result for stage in stages(nested) for result in stage]
    last = stages(nested)[-1] if nested else []
    to = _end(asked, every, last)
    return Ending(
        to,
        reason(to, ran, last),
        list(uncarried(nested)),
        worse=any(result.get("judged") == Judged.WORSE for result in every),
        denied=frozenset(result["step"] for result in every if result.get("error", {}).get("Error") == "Denied"),
        over=frozenset(result["step"] for result in every if _over(result)),
    )


def _known(ending: Ending, ran: dict[str, Any]) -> Known | None:
    """Where every step went well and only the incident itself changes, the execution knows all there is to know."""
    if ending.to is not State.RESOLVED or ran["plan"]["direction"] != Direction.APPLY:
        return None
    results = [result for stage in stages([ran["verdicts"], ran["stage"]["results"]]) for result in stage]
    stands = [result["stands"] for result in results if result.get("stands")]
    well = all(result["judged"] == Judged.BETTER and result["status"] in _PLAIN for result in results)
    if not (stands and well and all(each["quiet"] for each in stands)):
        return None
    last = max(stands, key=lambda each: int(each["seq"]))
    targets = frozenset(step["target"] for stage in ran["plan"]["stages"] for step in stage["steps"])
    return Known(Brief.model_validate(ran["brief"]), Head(last["seq"], last["hash"]), targets)


def _end(asked: State, every: list[dict[str, Any]], last: list[dict[str, Any]]) -> State:
    """An escalation after everything was undone is a revert: nothing that was done is left, and a person still looks.

    Where nobody knows whether a step took effect, nobody knows whether all of it is undone. A temporary measure goes on
    only while what keeps it is that its probe is not better: any other reason is a person's to look at.
    """
    if asked is State.HOLDING:
        stays = all(result["judged"] == Judged.BETTER or result["status"] == Status.NOOP for result in last)
        return State.HOLDING if stays else State.ESCALATED
    done = {result["step"] for result in every if result["direction"] == Direction.APPLY and _changed(result)}
    undone = {result["step"] for result in every if result["direction"] == Direction.REVERT and _undone(result)}
    unknown = any(result["status"] == Status.UNKNOWN for result in every)
    return State.REVERTED if asked is State.ESCALATED and undone and done <= undone and not unknown else asked


def _changed(result: dict[str, Any]) -> bool:
    return changed_something(Status(result["status"]))


def _undone(result: dict[str, Any]) -> bool:
    return _changed(result) or result["status"] == Status.NOOP


def _over(result: dict[str, Any]) -> bool:
    """Whether there was nothing to undo any more, and it is well: what is still needed was looked at, and left."""
    nothing = result["direction"] == Direction.REVERT and result["status"] in (Status.NOOP, Status.GONE)
    return nothing and result["judged"] == Judged.BETTER


def reason(to: State, ran: dict[str, Any], results: list[dict[str, Any]]) -> str:
    """Why it ended so, in a sentence for the person who is woken."""
    if error := ran.get("error"):
        return described(error)
    said = dict.fromkeys(str(told(result).get("observed") or result["judged"]) for result in results)
    return ("verified: " if to is State.RESOLVED else "not better: ") + ("; ".join(said) or "nothing was done")


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(
                actions=("dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"),
                on="state-table",
            ),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
        ),
    ),
)
