"""INTENT and OUTCOME: nothing is changed before its intent is committed, and what came of it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from edsr import audit
from edsr.model import Direction, Kind, Outcome, State, Status, Step
from edsr.policy import Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.incident import KEPT, Incident, Move, advance
from edsr.times import epoch

LEASE = timedelta(seconds=120)
"""Longer than a function can run, a call can linger and two clocks can differ: 30 + 10 + 2 x 5 s."""

SKEW = timedelta(seconds=5)
COMPENSATION = timedelta(minutes=10)


@dataclass(frozen=True)
class Attempt:
    """One try at a step: what was read of its lock and of its own step before the intent was written."""

    incident: Incident
    step: Step
    direction: Direction
    lock: Item | None
    earlier: Item | None
    verdicts: Sequence[dict[str, Any]] = ()

    @property
    def fence(self) -> int:
        """The fence this attempt acts under: one more than any before on this target."""
        return int((self.lock or {}).get("fence", 0)) + 1

    @property
    def number(self) -> int:
        """Which try this is, counted from 1."""
        return int((self.earlier or {}).get("attempt", 0)) + 1


def scopes(incident: Incident, policy: Policy) -> dict[str, str]:
    """The kill switch's scopes that stop this incident, as expression names."""
    subject = incident.finding.subject
    return {
        "#all": "all",
        "#service": f"service:{subject.service or 'none'}",
        "#policy": f"policy:{policy.id}",
        "#account": f"account:{subject.account}",
        "#region": f"region:{subject.region}",
    }


def intent(attempt: Attempt, *, before: dict[str, Any], token: str, at: datetime) -> tuple[list[Write], audit.Head]:
    """The writes that must commit before a mutating call: fence, kill switch, step, incident, audit record.

    `before` is the target's state as just observed. Returns the writes and the chain's new head.
    """
    step, incident = attempt.step, attempt.incident
    body = {
        "step": step.n,
        "direction": attempt.direction.value,
        "action": step.action,
        "target": step.target,
        "args": step.args,
        "before": before,
        "fence": attempt.fence,
        "attempt": attempt.number,
        "verdicts": list(attempt.verdicts),
    }
    undoing = attempt.direction is Direction.REVERT
    late = COMPENSATION if undoing else timedelta(0)
    move = Move(
        State.RUNNING,
        Kind.INTENT,
        body,
        actor=step.function,
        at=at,
        when=(State.RUNNING,) if undoing else (State.PLANNED, State.RUNNING),
        condition="#origin IN (:event, :sweep) AND #deadline > :now",
        values={":event": "event", ":sweep": "sweep", ":now": epoch(at - late)},
    )
    moved, head = advance(incident, move)
    return [_lock(attempt, at), _switch(attempt), _step(attempt, before, token, at), *moved], head


def outcome(attempt: Attempt, done: Outcome, *, head: audit.Head, at: datetime) -> tuple[list[Write], audit.Head]:
    """The writes that say what came of an intent; `head` is the chain's head after it."""
    incident = replace(attempt.incident, state=State.RUNNING, head=head)
    body = {**done.model_dump(mode="json"), "action": attempt.step.action, "target": attempt.step.target}
    move = Move(State.RUNNING, Kind.OUTCOME, body, actor=attempt.step.function, at=at, when=(State.RUNNING,))
    moved, new_head = advance(incident, move)
    settled = Write(
        "STEP",
        "Update",
        keys.step(incident.id, attempt.step.n, attempt.direction),
        "#st = :intent AND #fence = :fence",
        "SET #st = :status, #undo = :undo, #outcome = :outcome",
        values={
            ":intent": "INTENT",
            ":fence": attempt.fence,
            ":status": done.status.value,
            ":undo": done.undo,
            ":outcome": done.model_dump_json(),
        },
    )
    return [settled, *moved], new_head


def changed_something(status: Status) -> bool:
    """Whether a step with this status may have left something to undo."""
    return status in (Status.DONE, Status.RECOVERED)


def _lock(attempt: Attempt, at: datetime) -> Write:
    known = attempt.lock is not None
    return Write(
        "LCK",
        "Update",
        keys.lock(attempt.step.target),
        "(attribute_not_exists(#owner) OR #owner = :inc OR #lease_until < :expired) AND "
        + ("#fence = :read" if known else "attribute_not_exists(#fence)"),
        "SET #owner = :inc, #lease_until = :lease, #fence = :fence",
        values={
            ":inc": attempt.incident.id,
            ":expired": epoch(at - SKEW),
            ":lease": epoch(at + LEASE),
            ":fence": attempt.fence,
            **({":read": attempt.fence - 1} if known else {}),
        },
    )


def _switch(attempt: Attempt) -> Write:
    """No act while a scope is engaged; a missing switch stops everything, since nobody knows what it said."""
    names = scopes(attempt.incident, attempt.incident.policy)
    term = "attribute_not_exists(#engaged.{0})"
    values: Item | None = None
    if attempt.direction is Direction.REVERT:
        term, values = "(attribute_not_exists(#engaged.{0}) OR #engaged.{0}.#undo = :true)", {":true": True}
    terms = [term.format(name) for name in names]
    return Write(
        "KIL",
        "Check",
        keys.switch_of(attempt.incident.id),
        " AND ".join(["attribute_exists(#engaged)", *terms]),
        names=names,
        values=values,
    )


def _step(attempt: Attempt, before: dict[str, Any], token: str, at: datetime) -> Write:
    key = keys.step(attempt.incident.id, attempt.step.n, attempt.direction)
    if attempt.earlier:
        return Write(
            "STEP",
            "Update",
            key,
            "#st = :intent AND #fence = :old",
            "SET #fence = :fence, #attempt = :attempt, #intent_at = :now",
            values={
                ":intent": "INTENT",
                ":old": attempt.earlier["fence"],
                ":fence": attempt.fence,
                ":attempt": attempt.number,
                ":now": epoch(at),
            },
        )
    item: Item = {
        "st": "INTENT",
        "fence": attempt.fence,
        "attempt": 1,
        "intent_at": epoch(at),
        "target": attempt.step.target,
        "pre": before,
        "token": token,
        "ttl": epoch(at + KEPT),
    }
    return Write("STEP", "Put", key, "attribute_not_exists(#pk)", item=item)
