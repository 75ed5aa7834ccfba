"""PLAN: the plan is stored and recorded before any of it is done."""

from datetime import datetime

from edsr.model import Kind, Plan, State
from edsr.ports import Write
from edsr.protocol import keys
from edsr.protocol.incident import KEPT, Incident, Move, advance
from edsr.times import epoch


def plan(incident: Incident, drawn: Plan, *, at: datetime) -> list[Write]:
    """The writes that commit a plan to an incident whose deadline has not passed: one that was decided, or one whose
    plan was agreed to but would be another by now."""
    move = Move(
        State.PLANNED,
        Kind.PLAN,
        {**drawn.model_dump(mode="json", by_alias=True), "rows": [row._asdict() for row in drawn.rows]},
        actor="plan",
        at=at,
        when=(State.DECIDED, State.APPROVED),
        also="#plan_digest = :digest",
        condition="#deadline > :now",
        values={":digest": drawn.digest, ":now": epoch(at)},
    )
    stored = Write(
        "PLAN",
        "Put",
        keys.plan(incident.id),
        "attribute_not_exists(#pk) OR #digest <> :digest",
        item={"digest": drawn.digest, "body": drawn.model_dump_json(by_alias=True), "ttl": epoch(at + KEPT)},
        values={":digest": drawn.digest},
    )
    return [*advance(incident.brief, incident.head, move)[0], stored]
