"""An incident as stored, and the pair of writes that moves it on: its head and the next audit record."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple, Self

from edsr import audit
from edsr.model import OPEN, AuditRecord, Decision, DecisionVerdict, Finding, Kind, Mode, State
from edsr.policy import Playbook, Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.brief import Brief
from edsr.protocol.grouping import group_of
from edsr.times import epoch

DEADLINE = timedelta(hours=2)
KEPT = timedelta(days=400)
CHECK_EVERY = timedelta(minutes=2)
"""After this long without progress an open incident is looked at."""


@dataclass(frozen=True)
class Incident:
    """One remediation of one episode: its state, the head of its audit chain, and the documents it began with.

    It keeps the policy and the playbook as they were, so that a deploy does not change what is under way. `asks` says
    that a person has to agree, `asked` how often one was asked, `holds` how often it was left holding, `harm` which
    incident showed that it did harm.
    """

    id: str
    state: State
    head: audit.Head
    finding: Finding
    policy: Policy
    playbook: Playbook
    decision_id: str
    deadline: int
    suppressed: int = 0
    asks: bool = False
    asked: int = 0
    holds: int = 0
    harm: str = ""
    plan_digest: str = ""
    decided_in: str = ""

    @classmethod
    def of(cls, item: Item) -> Self:
        """Read it from its item."""
        return cls(
            id=item["pk"].removeprefix("INC#"),
            state=State(item["st"]),
            head=audit.Head(item["head_seq"], item["head_hash"]),
            finding=Finding.model_validate_json(item["finding"]),
            policy=Policy.model_validate_json(item["policy_doc"]),
            playbook=Playbook.model_validate_json(item["playbook_doc"]),
            decision_id=item["decision_id"],
            deadline=item["deadline"],
            suppressed=item.get("suppressed", 0),
            asks=item.get("asks", False),
            asked=item.get("asked", 0),
            holds=item.get("holds", 0),
            harm=item.get("harm", ""),
            plan_digest=item.get("plan_digest", ""),
            decided_in=item.get("mode", ""),
        )

    @cached_property
    def brief(self) -> Brief:
        """What its execution carries of it."""
        return Brief.of(self.finding, self.policy, self.playbook).model_copy(update={"mode": self.mode})

    @property
    def mode(self) -> Mode:
        """The mode it was decided in: its policy's, unless a person had demoted that."""
        return Mode(self.decided_in) if self.decided_in else self.policy.respond.mode

    @property
    def run_to_end(self) -> str:
        """The execution that ends or renews its temporary measures: another each time it was left holding."""
        return f"{self.id}-x{self.holds}"

    @property
    def ready(self) -> State:
        """The state from which the first intent leaves: a plan that has to be agreed to is not ready before it is."""
        return State.APPROVED if self.asks else State.PLANNED


def item_of(
    found: Finding,
    decision: Decision,
    policy: Policy,
    playbook: Playbook,
    state: State,
    record: AuditRecord,
    at: datetime,
) -> Item:
    """The item of a new incident."""
    item: Item = {
        "st": state.value,
        "v": 1,
        "policy": policy.id,
        "policy_digest": decision.policy_digest,
        "policy_doc": policy.model_dump_json(by_alias=True, exclude={"tests"}),
        "playbook_doc": playbook.model_dump_json(by_alias=True),
        "decision_id": decision.id,
        "mode": decision.mode.value,
        "origin": found.origin,
        "subject": found.subject.arn,
        "service": found.subject.service or "none",
        "correlation_id": found.correlation_id,
        "group": group_of(found),
        "finding": found.model_dump_json(),
        "asks": decision.verdict is DecisionVerdict.ASK,
        "deadline": epoch(at + DEADLINE),
        "decided_at": epoch(at),
        "head_seq": record.seq,
        "head_hash": record.hash,
        "ttl": epoch(at + KEPT),
    }
    if state in OPEN:
        item |= {"open": keys.open_shard(found.incident_id), "next_check_at": epoch(at + CHECK_EVERY)}
    return item


def look_again(incident: Incident, at: datetime) -> Write:
    """Put off the next look at an open incident that makes its way, unless it has moved on since: that said when."""
    return Write(
        "INC",
        "Update",
        keys.incident(incident.id),
        "attribute_exists(#next_check_at) AND #head_seq = :seq",
        "SET #next_check_at = :check",
        values={":check": epoch(at + CHECK_EVERY), ":seq": incident.head.seq},
    )


def put_record(record: AuditRecord, at: datetime, label: str = "REC") -> Write:
    """REC: the record takes its place in the chain, once."""
    item = {**record.model_dump(mode="json", exclude={"seq"}), "ttl": epoch(at + KEPT)}
    return Write(label, "Put", keys.record(record.incident_id, record.seq), "attribute_not_exists(#pk)", item=item)


class Move(NamedTuple):
    """A step of an incident's life: the new state, and the record that says why.

    `when` are the states it may leave; `also` are further SET clauses and `condition` further conditions on its item.
    `check` is when somebody looks whether it goes on; two minutes later when nothing is said.
    """

    to: State
    kind: Kind
    body: dict[str, Any]
    actor: str
    at: datetime
    when: tuple[State, ...]
    also: str = ""
    condition: str = ""
    values: Item | None = None
    check: int | None = None


def advance(brief: Brief, head: audit.Head, move: Move) -> tuple[list[Write], audit.Head]:
    """HEAD and REC: the writes that make a move, under the condition that nobody moved before, and the new head."""
    body = {"correlation_id": brief.correlation_id, **({"group": brief.group} if brief.group else {}), **move.body}
    record = audit.link(head, brief.id, move.kind, body, actor=move.actor, at=move.at, mode=brief.mode)
    states = {f":when{n}": state.value for n, state in enumerate(move.when)}
    update = "SET #st = :to, #head_seq = :new_seq, #head_hash = :new_hash" + (f", {move.also}" if move.also else "")
    values: Item = {
        ":to": move.to.value,
        ":seq": head.seq,
        ":hash": head.hash,
        ":new_seq": record.seq,
        ":new_hash": record.hash,
        **states,
        **(move.values or {}),
    }
    if move.to in OPEN:
        update += ", #next_check_at = :check"
        values[":check"] = epoch(move.at + CHECK_EVERY) if move.check is None else move.check
    else:
        update += " REMOVE #open, #next_check_at"
    condition = f"#head_seq = :seq AND #head_hash = :hash AND #st IN ({', '.join(states)})"
    condition += f" AND {move.condition}" if move.condition else ""
    moved = Write("HEAD", "Update", keys.incident(brief.id), condition, update, values=values)
    return [moved, put_record(record, move.at)], audit.Head(record.seq, record.hash)
