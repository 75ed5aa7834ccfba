"""approve's other function: a person's answer is written down, and then told to the task that waits for it."""

from typing import Any

from edsr.aws.store import DynamoStore
from edsr.aws.tasks import deliver
from edsr.declare import Function, Permission
from edsr.errors import Refused, Transient
from edsr.model import State
from edsr.ports import Cancelled, Store
from edsr.protocol.approval import Answer, Asking, agree, delivered, reject
from edsr.protocol.case import Case
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables

RACES = 5


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{inc, by, digest, answer}`: `by` is who answers, as whoever calls this has made sure; `answer` is `approve` or
    `reject`, for the plan with that digest. Gives `{state, by, need}`; the same answer of the same person twice is one.

    Raises Refused, with the reason, for an answer that cannot count.
    """
    if event.get("answer") not in ("approve", "reject"):
        raise Refused("an answer is either approve or reject")
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    asking = _answer(event, store, runtime)
    if asking.st is not Answer.PENDING and not asking.delivered:
        deliver(runtime.clients("stepfunctions"), asking)
        _note(event["inc"], asking, store)
    runtime.log.info("answered", extra={"incident_id": event["inc"], "by": event["by"], "state": asking.st.value})
    return {"state": asking.st.value, "by": sorted(asking.approvers), "need": asking.need}


def _answer(event: Event, store: Store, runtime: Runtime[Tables]) -> Asking:
    """Commit the answer, and read what stands then; a lost race is read again."""
    for _ in range(RACES):
        case = Case.look(store, event["inc"])
        if case is None or case.asking is None:
            raise Refused(f"nobody was asked about {event['inc']}")
        if _counts(event, case.asking):
            return case.asking
        if case.incident.state is not State.ASKED:
            raise Refused(f"{event['inc']} is {case.incident.state}: there is nothing to answer any more")
        answer = agree if event["answer"] == "approve" else reject
        try:
            store.commit(answer(case.incident, case.asking, event["by"], event["digest"], runtime.clock()))
        except Cancelled:
            continue
    raise Transient(f"the answer to {event['inc']} lost {RACES} races: give it again")


def _counts(event: Event, asking: Asking) -> bool:
    """Whether this very answer stands already."""
    said = asking.approvers if event["answer"] == "approve" else {asking.rejected_by}
    return event["by"] in said and event["digest"] == asking.digest


def _note(incident_id: str, asking: Asking, store: Store) -> None:
    try:
        store.commit(delivered(incident_id, asking))
    except Cancelled:
        return  # the task was tried again and waits with another token: the sweep delivers to that one


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(actions=("dynamodb:Query", "dynamodb:UpdateItem"), on="state-table"),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
            Permission(actions=("states:SendTaskSuccess", "states:SendTaskFailure"), on="remediate-machine"),
        ),
    ),
)
