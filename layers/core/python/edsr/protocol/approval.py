"""APPROVAL: a person is asked about one plan and no other; the first whole answer counts, and no answer means no."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

from edsr.errors import Refused, Stale
from edsr.model import Kind, State
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.incident import CHECK_EVERY, Incident, Move, advance
from edsr.times import epoch

CEILING = timedelta(seconds=3720)
"""How long the state machine's task waits at most; it outlives every expiry by a minute."""

OUTLIVES = timedelta(seconds=60)
MOST = 3
"""A plan that is another each time it is drawn is asked about so often, then a person has to look."""

NOTHING: Mapping[str, str] = MappingProxyType({})

REQUESTER = "edsr"
"""Who asks: nobody can agree to what they asked for."""


class Answer(StrEnum):
    """How an asking stands."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    RECOVERED = "RECOVERED"


@dataclass(frozen=True)
class Asking:
    """One asking. Its task's token never leaves the backend; `delivered` says that the task has its answer, `spent` are
    the nonces of the forms that answers came by."""

    number: int
    st: Answer
    digest: str
    need: int
    approvers: frozenset[str]
    requester: str
    expires_at: int
    task_token: str
    token_attempt: int
    delivered: bool
    rejected_by: str = ""
    spent: frozenset[str] = frozenset()

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read it from its item."""
        return cls(
            number=int(item["sk"].removeprefix("APR#")),
            st=Answer(item["st"]),
            digest=item["digest"],
            need=item["need"],
            approvers=frozenset(item.get("approvers", ())),
            requester=item["requester"],
            expires_at=item["expires_at"],
            task_token=item["task_token"],
            token_attempt=item["token_attempt"],
            delivered=item["delivered"],
            rejected_by=item.get("rejected_by", ""),
            spent=frozenset(item.get("spent", ())),
        )


def last(items: Mapping[str, Item]) -> Asking | None:
    """The latest asking, of an incident's items by sort key."""
    found = [Asking.of(item) for name, item in items.items() if name.startswith("APR#")]
    return max(found, key=lambda asking: asking.number, default=None)


def ask(incident: Incident, token: str, attempt: int, at: datetime) -> list[Write]:
    """The writes that ask about the plan that was just committed. Raises Stale when that was done too often."""
    if incident.asked >= MOST:
        raise Stale(f"the plan of {incident.id} was another each of {MOST} times it was drawn")
    number, said = incident.asked + 1, incident.policy.safeguards.approval
    expires = min(epoch(at + said.expires), epoch(at + CEILING - OUTLIVES), incident.deadline)
    item: Item = {
        "st": Answer.PENDING.value,
        "digest": incident.plan_digest,
        "need": said.quorum,
        "requester": REQUESTER,
        "expires_at": expires,
        "task_token": token,
        "token_attempt": attempt,
        "delivered": False,
    }
    body = {**_told(incident), "asked": number, "need": said.quorum, "expires_at": expires}
    move = Move(
        State.ASKED,
        Kind.APPROVAL,
        body,
        actor="approve",
        at=at,
        when=(State.PLANNED,),
        also="#asked = :asked",
        condition="#plan_digest = :digest",
        values={":asked": number, ":digest": incident.plan_digest},
        check=min(epoch(at + CHECK_EVERY), expires),
    )
    asked = Write("APR", "Put", keys.approval(incident.id, number), "attribute_not_exists(#pk)", item=item)
    return [asked, *advance(incident.brief, incident.head, move)[0]]


def _told(incident: Incident) -> dict[str, Any]:
    """What an asking says: enough for a page to be read without looking anything up."""
    brief, digest = incident.brief, incident.plan_digest
    return {
        "digest": digest,
        "title": brief.title,
        "severity": brief.severity.value,
        "subject": brief.subject,
        "service": brief.service,
        "policy": brief.policy,
        "runbook": brief.runbook,
        "reason": f"{brief.policy} asks before it acts: plan {digest[:12]}",
    }


def ask_again(incident: Incident, asking: Asking, token: str, attempt: int) -> list[Write]:
    """The task was tried again and has another token: an answer that came meanwhile has yet to be delivered to it."""
    return [
        Write(
            "APR",
            "Update",
            keys.approval(incident.id, asking.number),
            "#token_attempt < :attempt",
            "SET #task_token = :token, #token_attempt = :attempt, #delivered = :false",
            values={":attempt": attempt, ":token": token, ":false": False},
        )
    ]


def agree(
    incident: Incident, asking: Asking, by: str, digest: str, at: datetime, also: Mapping[str, str] = NOTHING
) -> list[Write]:
    """The writes of one person's yes; when enough have agreed the plan may run. `also` goes into the record, too; a
    `form` in it is the nonce of one, which is spent with the answer."""
    refuse(asking, by, digest, at)
    count = len(asking.approvers)
    complete = count + 1 >= asking.need
    spending = ", #spent :forms" if also.get("form") else ""
    update = f"ADD #approvers :one{spending}" + (" SET #st = :approved" if complete else "")
    condition = f"{_pending(also)} AND " + (
        "size(#approvers) = :count AND NOT contains(#approvers, :me)" if count else "attribute_not_exists(#approvers)"
    )
    values: Item = {**_values(by, digest, at, also), ":one": {by}}
    values |= {":count": count} if count else {}
    values |= {":approved": Answer.APPROVED.value} if complete else {}
    body = {"answer": "approved", "by": by, "asked": asking.number, "digest": digest, "complete": complete, **also}
    answered = Write("APR", "Update", keys.approval(incident.id, asking.number), condition, update, values=values)
    to = State.APPROVED if complete else State.ASKED
    return [answered, *_answered(incident, to, body, by, digest, at)]


def reject(
    incident: Incident, asking: Asking, by: str, digest: str, at: datetime, also: Mapping[str, str] = NOTHING
) -> list[Write]:
    """The writes of one person's no, which is enough. `also` as in `agree`."""
    refuse(asking, by, digest, at)
    answered = Write(
        "APR",
        "Update",
        keys.approval(incident.id, asking.number),
        _pending(also),
        "SET #st = :rejected, #rejected_by = :me" + (" ADD #spent :forms" if also.get("form") else ""),
        values={**_values(by, digest, at, also), ":rejected": Answer.REJECTED.value},
    )
    body = {"answer": "rejected", "by": by, "asked": asking.number, "digest": digest, "complete": True, **also}
    return [answered, *_answered(incident, State.ASKED, body, by, digest, at)]


def expire(incident: Incident, asking: Asking, at: datetime) -> list[Write]:
    """The writes that say that nobody answered in time."""
    answered = Write(
        "APR",
        "Update",
        keys.approval(incident.id, asking.number),
        "#st = :pending AND #expires_at <= :now",
        "SET #st = :expired",
        values={":pending": Answer.PENDING.value, ":expired": Answer.EXPIRED.value, ":now": epoch(at)},
    )
    body = {"answer": "expired", "asked": asking.number, "digest": asking.digest, "complete": True}
    return [answered, *_answered(incident, State.ASKED, body, "sweep", asking.digest, at)]


def delivered(incident_id: str, asking: Asking) -> list[Write]:
    """The task has its answer, unless it was tried again meanwhile and waits with another token."""
    return [
        Write(
            "APR",
            "Update",
            keys.approval(incident_id, asking.number),
            "#token_attempt = :attempt",
            "SET #delivered = :true",
            values={":attempt": asking.token_attempt, ":true": True},
        )
    ]


_PENDING = "#st = :pending AND #expires_at > :now AND #digest = :digest AND #requester <> :me"


def _pending(also: Mapping[str, str]) -> str:
    """It still waits, for this plan and not for its own requester; and the form, if it came by one, was never sent."""
    return f"{_PENDING} AND NOT contains(#spent, :form)" if also.get("form") else _PENDING


def _values(by: str, digest: str, at: datetime, also: Mapping[str, str]) -> Item:
    said: Item = {":pending": Answer.PENDING.value, ":now": epoch(at), ":digest": digest, ":me": by}
    return said | ({":form": form, ":forms": {form}} if (form := also.get("form")) else {})


def _answered(incident: Incident, to: State, body: dict[str, Any], by: str, digest: str, at: datetime) -> list[Write]:
    """The incident moves with the answer, and is looked after at once: its task has yet to be told."""
    move = Move(
        to,
        Kind.APPROVAL,
        body,
        actor=by,
        at=at,
        when=(State.ASKED,),
        condition="#plan_digest = :digest",
        values={":digest": digest},
        check=epoch(at),
    )
    return advance(incident.brief, incident.head, move)[0]


def refuse(asking: Asking, by: str, digest: str, at: datetime) -> None:
    """Refused, with the reason, for an answer that cannot count."""
    if asking.st is not Answer.PENDING:
        raise Refused(f"it was answered before: {asking.st}")
    if asking.expires_at <= epoch(at):
        raise Refused("the time to answer is over, and no answer means no")
    if asking.digest != digest:
        raise Refused(f"that answer is for plan {digest[:12]}; asked about is {asking.digest[:12]}: look at it again")
    if asking.requester == by:
        raise Refused(f"{by} asked for it, so somebody else has to agree")
