"""ADMIT: a finding is claimed, its subject guarded, its incident opened and its decision recorded, all or nothing."""

from datetime import datetime, timedelta
from typing import Any

from edsr import audit
from edsr.model import Decision, DecisionVerdict, Finding, Kind, State
from edsr.policy import Playbook, Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.incident import DEADLINE, Incident, item_of, put_record
from edsr.times import epoch

CLAIM_KEPT = timedelta(days=35)
"""Longer than any duplicate can be late: 24 h on the bus, 14 days in the queue, 14 in its dead letters."""

GUARD_GRACE = timedelta(minutes=15)

_STATES = {
    DecisionVerdict.ACT: State.DECIDED,
    DecisionVerdict.OBSERVE: State.OBSERVED,
    DecisionVerdict.ESCALATE: State.ESCALATED,
    DecisionVerdict.SUPPRESS: State.SUPPRESSED,
}


def admit(
    found: Finding, decision: Decision, policy: Policy, playbook: Playbook, *, before: Incident | None, at: datetime
) -> list[Write]:
    """The writes that admit a finding as it was decided; `before` is its incident when it was suppressed earlier.

    Only `act` guards the subject. A suppressed finding leaves no claim, so that it may come again.
    """
    if decision.verdict is DecisionVerdict.SUPPRESS and before:
        return _suppress_again(before, found, decision, at)
    kind = Kind.SUPPRESSED if decision.verdict is DecisionVerdict.SUPPRESS else Kind.DECISION
    head = before.head if before else audit.START
    record = audit.link(
        head, found.incident_id, kind, body_of(found, decision), actor="decide", at=at, mode=decision.mode
    )
    state = _STATES[decision.verdict]
    item = item_of(found, decision, policy, playbook, state, record, at)
    if state is State.SUPPRESSED:
        item["suppressed"] = 1
    incident = Write(
        "INC",
        "Put",
        keys.incident(found.incident_id),
        "attribute_not_exists(#pk) OR (#st = :suppressed AND #head_seq = :seq AND #head_hash = :hash)",
        item=item,
        values={":suppressed": State.SUPPRESSED.value, ":seq": head.seq, ":hash": head.hash},
    )
    writes = [incident, put_record(record, at)]
    if decision.verdict is DecisionVerdict.ACT:
        writes.insert(0, _guard(found, policy, at))
    if decision.verdict is not DecisionVerdict.SUPPRESS:
        writes.insert(0, _claim(found, at))
    return writes


def body_of(found: Finding, decision: Decision) -> dict[str, Any]:
    """What a decision's audit record says: the finding, and every gate's row by name."""
    return {
        "correlation_id": found.correlation_id,
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


def _guard(found: Finding, policy: Policy, at: datetime) -> Write:
    return Write(
        "GRD",
        "Update",
        keys.guard(found.subject.arn),
        "(attribute_not_exists(#inc_id) OR #until < :now) AND attribute_not_exists(#latched)"
        " AND (attribute_not_exists(#cool.#policy) OR #cool.#policy <= :now)",
        "SET #inc_id = :inc, #until = :until, #cool = if_not_exists(#cool, :empty),"
        " #undone = if_not_exists(#undone, :empty)",
        names={"#policy": policy.id},
        values={
            ":inc": found.incident_id,
            ":until": epoch(at + DEADLINE + GUARD_GRACE),
            ":now": epoch(at),
            ":empty": {},
        },
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
