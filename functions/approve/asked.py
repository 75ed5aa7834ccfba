"""What the page asks in a person's name: what they are asked about, and their answer, which counts once.

API Gateway has verified the person's token before it comes here; the page itself may neither read nor answer anything.
"""

import secrets
from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from approve.answering import PERMISSIONS, Given, asked_about, permit, take
from approve.forms import Form, Key
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.entries import ActionEntry
from edsr.errors import Refused
from edsr.extract import resolve
from edsr.model import State, Step
from edsr.people import Person, signed_in
from edsr.policy import Library
from edsr.protocol.approval import Answer, Asking
from edsr.protocol.case import Case
from edsr.route import Body, SignedIn, read, through_page
from edsr.serve import Handler, Runtime
from edsr.settings import Asked
from edsr.timeline import changes
from edsr.times import epoch, iso, parse_epoch

NONCE_BYTES = 16

Nonce = Callable[[], str]


class Sent(Body):
    """A form as it was sent: its token, and the answer."""

    token: str = Field(max_length=4096)
    answer: Literal["approve", "reject"]
    reason: str = Field(default="", max_length=256)


def nonce() -> str:
    """One that nobody guesses."""
    return secrets.token_hex(NONCE_BYTES)


class Asks:
    """A person looks (GET), which changes nothing, or answers (POST)."""

    def __init__(self, nonce: Nonce = nonce) -> None:
        self._nonce = nonce

    def __call__(self, asked: SignedIn, runtime: Runtime[Asked]) -> dict[str, Any]:
        """What they are asked about, or `{state, by, need}`. Raises Refused, with the reason."""
        given = runtime.settings
        who = signed_in(asked.claims, given.claim, given.sessions)
        key = Key(runtime.clients("kms"), given.page_key)
        return (
            self._answer(asked, who, key, runtime) if asked.method == "POST" else self._show(asked, who, key, runtime)
        )

    def _show(self, asked: SignedIn, who: Person, key: Key, runtime: Runtime[Asked]) -> dict[str, Any]:
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        case, asking = asked_about(store, asked.incident)
        permit(who, case, runtime.library())
        waits = (
            case.incident.state is State.ASKED
            and asking.st is Answer.PENDING
            and asking.expires_at > epoch(runtime.clock())
            and who.name not in asking.approvers
        )
        token = key.sign(Form.of(asked.incident, asking, who, self._nonce())) if waits else None
        return {**_told(case, asking, runtime.library()), "you": who.arn, "token": token}

    def _answer(self, asked: SignedIn, who: Person, key: Key, runtime: Runtime[Asked]) -> dict[str, Any]:
        sent = read(asked.body, Sent)
        form = key.read(sent.token)
        if (form.by, form.inc) != (who.name, asked.incident):
            raise Refused("this form is another person's, or about another incident: open the page yourself")
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        _, asking = asked_about(store, form.inc)
        if form.number != asking.number:
            raise Refused("the plan was drawn again since you opened the page: open it again, and look at it again")
        given = Given(inc=form.inc, digest=form.digest, answer=sent.answer, reason=sent.reason)
        return take(given, who, runtime, form.nonce)


def _told(case: Case, asking: Asking, library: Library) -> dict[str, Any]:
    """Everything that a person has to know before they answer, as plain values."""
    incident = case.incident
    found, policy = incident.finding, incident.policy
    actions = library.catalogue().actions
    return {
        "incident": incident.id,
        "state": asking.st.value,
        "stands": incident.state.value,
        "title": found.title,
        "severity": found.severity.value,
        "subject": found.subject.arn,
        "service": found.subject.service or "",
        "evidence": str(found.evidence.get("reason", "")),
        "policy": policy.id,
        "about": policy.title,
        "runbook": policy.runbook,
        "requester": asking.requester,
        "digest": asking.digest,
        "until": iso(parse_epoch(asking.expires_at)),
        "need": asking.need,
        "agreed": sorted(asking.approvers),
        "rejected_by": asking.rejected_by,
        "steps": [_step(step, actions.get(step.action)) for step in case.steps],
        "gates": [
            {"gate": row.gate, "allowed": row.allowed, "reason": row.reason}
            for row in (case.plan.rows if case.plan else ())
        ],
    }


def _step(step: Step, action: ActionEntry | None) -> dict[str, Any]:
    """`changes` is what of the target's state would be another; empty where that is not known beforehand."""
    return {
        "n": step.n,
        "action": step.action,
        "does": action.title if action else step.action,
        "target": step.target,
        "before": _words(step.pre),
        "with": _words(step.args),
        "changes": changes(step.pre, reached) if (reached := _reached(step, action)) else "",
        "reversible": step.reversible,
        "expires": step.expires,
    }


def _reached(step: Step, action: ActionEntry | None) -> dict[str, Any]:
    """The state that a step brings about, as its action says; an action that is not known any more says nothing."""
    try:
        return resolve(action.reaches, step.args) if action else {}
    except Refused:
        return {}


def _words(said: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in said.items())


handler = Handler(
    through_page(Asks()),
    Function(
        settings=Asked,
        permissions=(*PERMISSIONS, Permission(actions=("kms:GenerateMac", "kms:VerifyMac"), on="page-key")),
        sdk=True,
    ),
)
