"""approve's function: ask whether the plan may run, and keep the token of the task that waits for the answer."""

from typing import Any

from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Refused, Transient
from edsr.model import State
from edsr.ports import Cancelled, Write
from edsr.protocol.approval import ask, ask_again
from edsr.protocol.case import Case
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables


def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
    """`{inc, token, attempt}`: `token` answers the task, `attempt` counts its tries. Gives how often it was asked.

    A task that is tried again has a new token, which takes the place of the old one; the person is not asked twice.
    """
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    case = Case.look(store, event["inc"])
    if case is None:
        raise Refused(f"there is no incident {event['inc']}")
    try:
        store.commit(_writes(case, event, runtime))
    except Cancelled as exc:
        raise Transient(f"{event['inc']} moved on while it was asked about: {exc}") from exc
    asked = case.incident.asked + (case.incident.state is State.PLANNED)
    runtime.log.info("asked", extra={"asked": asked, "digest": case.incident.plan_digest})
    return {"asked": asked}


def _writes(case: Case, event: Event, runtime: Runtime[Tables]) -> list[Write]:
    incident, asking = case.incident, case.asking
    if incident.state is State.PLANNED:
        return ask(incident, event["token"], event["attempt"], runtime.clock())
    if asking and incident.state in (State.ASKED, State.APPROVED):
        return ask_again(incident, asking, event["token"], event["attempt"])
    raise Refused(f"{incident.id} is {incident.state}: there is nothing to agree to")


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(actions=("dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"), on="state-table"),
            Permission(actions=("dynamodb:PutItem",), on="audit-table"),
        ),
    ),
)
