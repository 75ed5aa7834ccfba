"""INTENT and OUTCOME: nothing is changed before its intent is committed, and what came of it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from edsr import audit
from edsr.model import Direction, Kind, Outcome, State, Status, Step
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.acting import remember_act
from edsr.protocol.admission import hold_again
from edsr.protocol.brakes import Brakes
from edsr.protocol.brief import Brief
from edsr.protocol.incident import KEPT, Incident, Move, advance
from edsr.protocol.measures import begin
from edsr.protocol.rates import SKEW
from edsr.times import epoch

LEASE = timedelta(seconds=120)
"""Longer than a function can run, a call can linger and two clocks can differ: 30 + 10 + 2 x 5 s."""

SETTLES = timedelta(seconds=46)
"""After an intent: 30 s for the function to be killed, 10 for a call in flight, 5 for clocks, 1 for what whole seconds
drop. Then no earlier attempt can still take effect."""

COMPENSATION = timedelta(minutes=10)


@dataclass(frozen=True)
class Attempt:
    """One try at a step: what was read of its lock, of its own step and of its brakes before the intent was written."""

    incident: Incident
    step: Step
    direction: Direction
    lock: Item | None
    earlier: Item | None
    brakes: Brakes
    verdicts: Sequence[dict[str, Any]] = ()
    runs_on: bool = False
    """What the step starts goes on by itself: it is looked after until it is over."""

    @property
    def fence(self) -> int:
        """The fence this attempt acts under: one more than any before on this target."""
        return int((self.lock or {}).get("fence", 0)) + 1

    @property
    def number(self) -> int:
        """Which try this is, counted from 1."""
        return int((self.earlier or {}).get("attempt", 0)) + 1

    @property
    def undoing(self) -> bool:
        """Whether it takes back what was done."""
        return self.direction is Direction.REVERT

    @property
    def expiring(self) -> bool:
        """Whether it ends a temporary measure."""
        return self.undoing and self.incident.state is State.HOLDING


def scopes_of(brief: Brief, step: Step) -> dict[str, str]:
    """The kill switch's scopes that stop a step, as expression names: its incident's, and those in which its target is
    where that is elsewhere."""
    scopes, (region, account) = brief.scopes, (*step.target.split(":"), *[""] * 5)[3:5]
    theirs = {"service": step.service, "account": account, "region": region}
    named = {f"#target_{kind}": f"{kind}:{name}" for kind, name in theirs.items() if name}
    return scopes | {name: scope for name, scope in named.items() if scope not in scopes.values()}


def intent(attempt: Attempt, *, before: dict[str, Any], token: str, at: datetime) -> tuple[list[Write], audit.Head]:
    """The writes that must commit before a mutating call: fence, kill switch, brakes, step, incident, audit record.

    `before` is the target's state as just observed. Returns the writes and the chain's new head. Raises Refused when a
    brake holds.
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
    moved, head = advance(incident.brief, incident.head, _move(attempt, body, at))
    return [
        _lock(attempt, at),
        _switch(attempt),
        *_brakes(attempt, at),
        _step(attempt, before, token, at),
        *moved,
    ], head


def _move(attempt: Attempt, body: dict[str, Any], at: datetime) -> Move:
    incident, condition = attempt.incident, "#origin IN (:event, :sweep)"
    values: Item = {":event": "event", ":sweep": "sweep"}
    if attempt.expiring:
        when: tuple[State, ...] = (State.HOLDING,)
    else:
        late = COMPENSATION if attempt.undoing else timedelta(0)
        when = (State.RUNNING,) if attempt.undoing else (incident.ready, State.RUNNING)
        condition = f"{condition} AND #deadline > :now"
        values[":now"] = epoch(at - late)
    to = State.HOLDING if attempt.expiring else State.RUNNING
    return Move(to, Kind.INTENT, body, attempt.step.function, at, when, condition=condition, values=values)


def _brakes(attempt: Attempt, at: datetime) -> list[Write]:
    """Every brake holds a first try; what was begun is only stopped by a latch, and what is undone by none.

    To end a temporary measure the subject has to be free.
    """
    if attempt.expiring:
        return [hold_again(attempt.incident.brief, at)]
    if attempt.undoing:
        return []
    if attempt.earlier:
        return [attempt.brakes.latch()]
    incident = attempt.incident
    first = incident.state is incident.ready
    return [
        *attempt.brakes.before(attempt.step, at, first=first),
        remember_act(incident.brief.service, incident.id, at),
    ]


def outcome(attempt: Attempt, done: Outcome, *, head: audit.Head, at: datetime) -> tuple[list[Write], audit.Head]:
    """The writes that say what came of an intent; `head` is the chain's head after it."""
    incident, step = attempt.incident, attempt.step
    state = State.HOLDING if attempt.expiring else State.RUNNING
    body = {**done.model_dump(mode="json"), "action": step.action, "target": step.target}
    move = Move(state, Kind.OUTCOME, body, actor=step.function, at=at, when=(state,))
    moved, new_head = advance(incident.brief, head, move)
    settled = Write(
        "STEP",
        "Update",
        keys.step(incident.id, step.n, attempt.direction),
        "#st = :intent AND #fence = :fence",
        "SET #st = :status, #undo = :undo, #outcome = :outcome",
        values={
            ":intent": "INTENT",
            ":fence": done.fence,
            ":status": done.status.value,
            ":undo": done.undo,
            ":outcome": done.model_dump_json(),
        },
    )
    temporary = step.expires and not attempt.undoing and changed_something(done.status)
    return [settled, *moved, *([begin(incident.id, step, done)] if temporary else [])], new_head


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
    names = scopes_of(attempt.incident.brief, attempt.step)
    term = "attribute_not_exists(#engaged.{0})"
    values: Item | None = None
    if attempt.undoing:
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
        "begun_at": epoch(at),
        "action": attempt.step.action,
        "target": attempt.step.target,
        "pre": before,
        "token": token,
        "ttl": epoch(at + KEPT),
    }
    if attempt.runs_on and not attempt.undoing:
        item |= {"open": keys.BEGUN, "next_check_at": epoch(at)}
    return Write("STEP", "Put", key, "attribute_not_exists(#pk)", item=item)
