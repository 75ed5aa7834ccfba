"""approve's other function: a person's answer is written down, and then told to the task that waits for it."""

from typing import Any, Literal

from edsr.aws.store import DynamoStore
from edsr.aws.tasks import deliver
from edsr.declare import Function, Permission
from edsr.errors import Refused, Transient
from edsr.model import State
from edsr.people import Person, may_answer, person
from edsr.policy import Library
from edsr.ports import Cancelled, Store
from edsr.protocol.approval import Answer, Asking, agree, delivered, reject
from edsr.protocol.case import Case
from edsr.route import Asked, Body, through_route
from edsr.serve import Handler, Runtime
from edsr.settings import Route

RACES = 5


class Given(Body):
    """An answer about the plan with this digest."""

    inc: str
    digest: str
    answer: Literal["approve", "reject"]
    reason: str = ""


def run(asked: Asked, runtime: Runtime[Route]) -> dict[str, Any]:
    """`{inc, digest, answer}` of whom AWS let in. Gives `{state, by, need}`; the same answer of the same person twice
    is one.

    Raises Refused, with the reason, for an answer that cannot count.
    """
    given, library = asked.read(Given), runtime.library()
    who = person(asked.caller, library.people())
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    asking = _answer(given, who, library, store, runtime)
    if asking.st is not Answer.PENDING and not asking.delivered:
        deliver(runtime.clients("stepfunctions"), asking)
        _note(given.inc, asking, store)
    said = {"incident_id": given.inc, "by": who.name, "caller": who.arn, "state": asking.st.value}
    runtime.log.info("answered", extra=said)
    return {"state": asking.st.value, "by": sorted(asking.approvers), "need": asking.need}


def _answer(given: Given, who: Person, library: Library, store: Store, runtime: Runtime[Route]) -> Asking:
    """Commit the answer, and read what stands then; a lost race is read again."""
    also = {"caller": who.arn, **({"reason": given.reason} if given.reason else {})}
    for _ in range(RACES):
        case = Case.look(store, given.inc)
        if case is None or case.asking is None:
            raise Refused(f"nobody was asked about {given.inc}")
        _permit(who, case, library)
        if _counts(given, who, case.asking):
            return case.asking
        if case.incident.state is not State.ASKED:
            raise Refused(f"{given.inc} is {case.incident.state}: there is nothing to answer any more")
        answer = agree if given.answer == "approve" else reject
        try:
            store.commit(answer(case.incident, case.asking, who.name, given.digest, runtime.clock(), also))
        except Cancelled:
            continue
    raise Transient(f"the answer to {given.inc} lost {RACES} races: give it again")


def _permit(who: Person, case: Case, library: Library) -> None:
    """They have to answer for every service of which something would be touched."""
    everywhere = library.people()
    for arn in sorted({case.incident.finding.subject.arn, *case.targets}):
        service = library.owner(arn)
        if not may_answer(who, service, everywhere):
            named = f"policies/services/{service.id}.json, or " if service else ""
            raise Refused(
                f"{who.arn} may not answer for {arn}: its approvers are named in {named}the environment's configuration"
            )


def _counts(given: Given, who: Person, asking: Asking) -> bool:
    """Whether this very answer stands already."""
    said = asking.approvers if given.answer == "approve" else {asking.rejected_by}
    return who.name in said and given.digest == asking.digest


def _note(incident_id: str, asking: Asking, store: Store) -> None:
    try:
        store.commit(delivered(incident_id, asking))
    except Cancelled:
        return  # the task was tried again and waits with another token: the sweep delivers to that one


handler = Handler(
    through_route(run),
    Function(
        settings=Route,
        permissions=(
            Permission(actions=("dynamodb:Query", "dynamodb:UpdateItem"), on="state-table", keys=("INC#*",)),
            Permission(actions=("dynamodb:PutItem",), on="audit-table", keys=("INC#*",)),
            Permission(actions=("states:SendTaskSuccess", "states:SendTaskFailure"), on="remediate-machine"),
        ),
    ),
)
