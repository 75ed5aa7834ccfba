"""ADMIT: a finding is claimed, its subject guarded, its incident opened and its decision recorded, all or nothing."""

from datetime import datetime, timedelta
from typing import Any

from edsr import audit
from edsr.model import Decision, DecisionVerdict, Finding, Kind, State
from edsr.policy import Playbook, Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.brakes import UNWELL_MOST, mark_unwell, take_slot
from edsr.protocol.brief import Brief
from edsr.protocol.grouping import group_of
from edsr.protocol.incident import DEADLINE, Incident, item_of, put_record
from edsr.times import epoch

CLAIM_KEPT = timedelta(days=35)
"""Longer than any duplicate can be late: 24 h on the bus, 14 days in the queue, 14 in its dead letters."""

GUARD_GRACE = timedelta(minutes=15)

RELAPSE = timedelta(hours=1)
"""A playbook that was undone on a subject is not applied there again for so long."""

_STATES = {
    DecisionVerdict.ACT: State.DECIDED,
    DecisionVerdict.ASK: State.DECIDED,
    DecisionVerdict.OBSERVE: State.OBSERVED,
    DecisionVerdict.ESCALATE: State.ESCALATED,
    DecisionVerdict.SUPPRESS: State.SUPPRESSED,
}


def admit(
    found: Finding,
    decision: Decision,
    policy: Policy,
    playbook: Playbook,
    *,
    before: Incident | None,
    at: datetime,
    crowd: int = 0,
) -> list[Write]:
    """The writes that admit a finding as it was decided; `before` is its incident when it was suppressed earlier.

    Only `act` and `ask` guard the subject. `act` takes its slot, so that no more are admitted than may act at once;
    what is asked about takes it when it acts. A suppressed finding leaves no claim, so that it may come again; its
    subject is unwell all the same, or a brake that holds would hide how many are. One that would repeat what was just
    undone latches the subject. `crowd` is how many of its kind are known to be unwell: of enough, one more says
    nothing.
    """
    verdict = decision.verdict
    if verdict is DecisionVerdict.SUPPRESS and before:
        return _suppress_again(before, found, decision, at)
    kind = Kind.SUPPRESSED if verdict is DecisionVerdict.SUPPRESS else Kind.DECISION
    head = before.head if before else audit.START
    record = audit.link(
        head, found.incident_id, kind, body_of(found, decision), actor="decide", at=at, mode=decision.mode
    )
    brief = Brief.of(found, policy, playbook)
    opened = [_incident(item_of(found, decision, policy, playbook, _STATES[verdict], record, at), head, brief)]
    opened.append(put_record(record, at))
    fresh = found.subject.service and not _refused(decision, "origin", "age")
    unwell = [mark_unwell(brief, at)] if fresh and crowd < UNWELL_MOST else []
    if verdict is DecisionVerdict.SUPPRESS:
        return [*unwell, *opened]
    seen = [_claim(found, at), *unwell]
    if verdict is DecisionVerdict.ACT:
        return [*seen, hold(brief, at), take_slot(brief, policy.safeguards.concurrency.max), *opened]
    if verdict is DecisionVerdict.ASK:
        return [*seen, hold(brief, at), *opened]
    relapsed = verdict is DecisionVerdict.ESCALATE and _refused(decision, "relapse")
    return [*seen, *([_latch(brief, at)] if relapsed else []), *opened]


def _incident(item: Item, head: audit.Head, brief: Brief) -> Write:
    if item["st"] == State.SUPPRESSED:
        item["suppressed"] = 1
    return Write(
        "INC",
        "Put",
        keys.incident(brief.id),
        "attribute_not_exists(#pk) OR (#st = :suppressed AND #head_seq = :seq AND #head_hash = :hash)",
        item=item,
        values={":suppressed": State.SUPPRESSED.value, ":seq": head.seq, ":hash": head.hash},
    )


def _refused(decision: Decision, *gates: str) -> bool:
    return any(row.gate in gates and not row.allowed for row in decision.rows)


def body_of(found: Finding, decision: Decision) -> dict[str, Any]:
    """What a decision's audit record says: the finding, and every gate's row by name."""
    return {
        "correlation_id": found.correlation_id,
        "group": group_of(found),
        "finding": found.model_dump(mode="json"),
        "decision": {
            **decision.model_dump(mode="json", exclude={"rows"}),
            "rows": [row._asdict() for row in decision.rows],
        },
    }


def _claim(found: Finding, at: datetime) -> Write:
    expires = epoch(at + CLAIM_KEPT)
    item: Item = {"inc_id": found.incident_id, "finding_id": found.id, "exp": expires, "ttl": expires}
    return Write(
        "SIG",
        "Put",
        keys.claim(found.id),
        "attribute_not_exists(#pk) OR #exp < :now",
        item=item,
        values={":now": epoch(at)},
    )


def hold(brief: Brief, at: datetime) -> Write:
    """GRD: one incident at a time on a subject. While it cools, or was just undone there, a new one may not begin."""
    return _guard(
        brief,
        "(attribute_not_exists(#inc_id) OR #until < :now) AND attribute_not_exists(#latched)"
        " AND (attribute_not_exists(#cool.#policy) OR #cool.#policy <= :now)"
        " AND (attribute_not_exists(#undone.#playbook) OR #undone.#playbook <= :relapse)",
        at,
        names={"#policy": brief.policy, "#playbook": brief.playbook},
        values={":relapse": epoch(at - RELAPSE)},
    )


def hold_again(brief: Brief, at: datetime) -> Write:
    """GRD, for an incident that ends a temporary measure: nobody else is at work on the subject."""
    return _guard(brief, "attribute_not_exists(#inc_id) OR #inc_id = :inc OR #until < :now", at)


def _guard(
    brief: Brief, condition: str, at: datetime, names: dict[str, str] | None = None, values: Item | None = None
) -> Write:
    return Write(
        "GRD",
        "Update",
        keys.guard(brief.subject),
        condition,
        "SET #inc_id = :inc, #until = :until, #cool = if_not_exists(#cool, :empty),"
        " #undone = if_not_exists(#undone, :empty)",
        names=names,
        values={
            ":inc": brief.id,
            ":until": epoch(at + DEADLINE + GUARD_GRACE),
            ":now": epoch(at),
            ":empty": {},
            **(values or {}),
        },
    )


def _latch(brief: Brief, at: datetime) -> Write:
    """Repair and undo went in circles on a subject: from now on a person has to release it first."""
    return Write(
        "GRD",
        "Update",
        keys.guard(brief.subject),
        "",
        "SET #latched = if_not_exists(#latched, :inc), #latched_at = if_not_exists(#latched_at, :now)",
        values={":inc": brief.id, ":now": epoch(at)},
    )


def _suppress_again(before: Incident, found: Finding, decision: Decision, at: datetime) -> list[Write]:
    """Count it; a record is written at counts 1, 2, 4, 8 and so on, so that a storm does not fill the audit."""
    count = before.suppressed + 1
    condition = "#st = :suppressed AND #suppressed = :counted AND #head_seq = :seq AND #head_hash = :hash"
    values: Item = {
        ":suppressed": State.SUPPRESSED.value,
        ":counted": before.suppressed,
        ":count": count,
        ":seq": before.head.seq,
        ":hash": before.head.hash,
    }
    update = "SET #suppressed = :count"
    records: list[Write] = []
    if count & (count - 1) == 0:
        body = {**body_of(found, decision), "count": count}
        record = audit.link(before.head, before.id, Kind.SUPPRESSED, body, actor="decide", at=at, mode=decision.mode)
        update += ", #head_seq = :new_seq, #head_hash = :new_hash"
        values |= {":new_seq": record.seq, ":new_hash": record.hash}
        records = [put_record(record, at)]
    return [Write("INC", "Update", keys.incident(before.id), condition, update, values=values), *records]
