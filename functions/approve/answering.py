"""A person's answer, whichever way it came: it is written down, and then told to the task that waits for it."""

from typing import Any, Literal

from edsr.aws.store import DynamoStore
from edsr.aws.tasks import deliver
from edsr.declare import Permission
from edsr.errors import Refused, Transient
from edsr.model import State
from edsr.people import Person, may_answer
from edsr.policy import Library
from edsr.ports import Cancelled, Store
from edsr.protocol.approval import Answer, Asking, agree, delivered, reject
from edsr.protocol.case import Case
from edsr.route import Body
from edsr.serve import Runtime
from edsr.settings import Route

RACES = 5

PERMISSIONS = (
    Permission(actions=("dynamodb:Query", "dynamodb:UpdateItem"), on="state-table", keys=("INC#*",)),
    Permission(actions=("dynamodb:PutItem",), on="audit-table", keys=("INC#*",)),
    Permission(actions=("states:SendTaskSuccess", "states:SendTaskFailure"), on="remediate-machine"),
)
"""What a function needs that takes answers."""


class Given(Body):
    """An answer about the plan with this digest."""

    inc: str
    digest: str
    answer: Literal["approve", "reject"]
    reason: str = ""


def take(given: Given, who: Person, runtime: Runtime[Any], form: str = "") -> dict[str, Any]:
    """Write an answer down, and deliver it. Gives `{state, by, need}`; the same answer of the same person twice is one.
    `form` is the nonce of the form that it came by, which is good for one answer.

    Raises Refused, with the reason, for an answer that cannot count.
    """
    settings: Route = runtime.settings
    store = DynamoStore(runtime.clients("dynamodb"), settings)
    asking = _answer(given, who, form, store, runtime)
    if asking.st is not Answer.PENDING and not asking.delivered:
        deliver(runtime.clients("stepfunctions"), asking)
        _note(given.inc, asking, store)
    said = {"incident_id": given.inc, "by": who.name, "caller": who.arn, "state": asking.st.value}
    runtime.log.info("answered", extra=said)
    return {"state": asking.st.value, "by": sorted(asking.approvers), "need": asking.need}


def asked_about(store: Store, incident: str) -> tuple[Case, Asking]:
    """An incident and its latest asking; Refused when nobody was asked."""
    case = Case.look(store, incident)
    if case is None or case.asking is None:
        raise Refused(f"nobody was asked about {incident}")
    return case, case.asking


def permit(who: Person, case: Case, library: Library) -> None:
    """They have to answer for every service of which something would be touched. Raises Refused."""
    everywhere = library.people()
    for arn in sorted({case.incident.finding.subject.arn, *case.targets}):
        service = library.owner(arn)
        if not may_answer(who, service, everywhere):
            named = f"policies/services/{service.id}.json, or " if service else ""
            raise Refused(
                f"{who.arn} may not answer for {arn}: its approvers are named in {named}the environment's configuration"
            )


def _answer(given: Given, who: Person, form: str, store: Store, runtime: Runtime[Any]) -> Asking:
    """Commit the answer, and read what stands then; a lost race is read again."""
    said = {"caller": who.arn, "reason": given.reason, "form": form}
    also = {name: value for name, value in said.items() if value}
    written = False
    for _ in range(RACES):
        case, asking = asked_about(store, given.inc)
        permit(who, case, runtime.library())
        told = asking.delivered or asking.st is Answer.PENDING  # what its task was not told may be sent again
        if form in asking.spent and told and not written:
            raise Refused("this form was sent before, and is good for one answer: open the page again to see it")
        if _counts(given, who, asking):
            return asking
        if case.incident.state is not State.ASKED:
            raise Refused(f"{given.inc} is {case.incident.state}: there is nothing to answer any more")
        answer = agree if given.answer == "approve" else reject
        try:
            store.commit(answer(case.incident, asking, who.name, given.digest, runtime.clock(), also))
            written = True
        except Cancelled:
            continue
    raise Transient(f"the answer to {given.inc} lost {RACES} races: give it again")


def _counts(given: Given, who: Person, asking: Asking) -> bool:
    """Whether this very answer stands already."""
    said = asking.approvers if given.answer == "approve" else {asking.rejected_by}
    return who.name in said and given.digest == asking.digest


def _note(incident_id: str, asking: Asking, store: Store) -> None:
    try:
        store.commit(delivered(incident_id, asking))
    except Cancelled:
        return  # the task was tried again and waits with another token: the sweep delivers to that one
