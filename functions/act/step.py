"""One step, once: observe, commit the intent, make the one mutating call, write down what came of it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from act.ends import STATUS, ended, final
from edsr import audit
from edsr.aws.store import DynamoStore
from edsr.canonical import digest
from edsr.declare import Action, Function, Permission
from edsr.errors import Denied, Gone, Refused, Rejected, Transient, Unknown
from edsr.model import Direction, Outcome, Plan, State, Status
from edsr.ports import Cancelled, Clients, Item, Store
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.protocol.stepping import Attempt, intent, outcome
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables

TOKENS = uuid.UUID("5b0f3a52-6c1d-5f0e-9d7e-0c6b8a4e2f11")
RACES = 5
NEEDED_SECONDS = 8
"""A call is only sent with this much of the function's time left: no effect may come after it was given up."""

PERMISSIONS = (
    Permission(
        actions=("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        on="state-table",
    ),
    Permission(actions=("dynamodb:PutItem",), on="audit-table"),
)


class Observed(NamedTuple):
    """A target's state, and the revision that the next change is conditional on."""

    state: dict[str, Any]
    revision: str


class Hands(NamedTuple):
    """What an action can do: `observe(clients, target)`, `goal(args)` - the part of the state to be reached -,
    `guard(clients, target, state)`, which raises Refused, and `apply(clients, target, goal, revision, token)`."""

    observe: Callable[[Clients, str], Observed]
    goal: Callable[[dict[str, Any]], dict[str, Any]]
    guard: Callable[[Clients, str, dict[str, Any]], None]
    apply: Callable[[Clients, str, dict[str, Any], str, str], None]


@dataclass(frozen=True)
class Work:
    """One attempt at a step, and everything it is done with."""

    runtime: Runtime[Tables]
    store: Store
    hands: Hands
    attempt: Attempt
    goal: dict[str, Any]
    expected: dict[str, Any] | None

    @property
    def token(self) -> str:
        """The same for every attempt at this step, so that the service can tell a repetition."""
        attempt = self.attempt
        name = f"{attempt.incident.id}#{attempt.step.n}#{attempt.direction}#{attempt.step.target}"
        return str(uuid.uuid5(TOKENS, name))


def actuator(action: Action, hands: Hands) -> Handler[Tables]:
    """The Lambda handler of an action; its input `{inc, n, target, direction, verdicts}` points into the plan."""

    def run(event: Event, runtime: Runtime[Tables]) -> dict[str, Any]:
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        done = _perform(event, runtime, store, hands)
        runtime.log.info("acted", extra={"action": action.id, "status": done.status.value, "target": event["target"]})
        runtime.count("Steps", action=action.id, status=done.status.value)
        return {
            **done.model_dump(mode="json", include={"step", "direction", "status", "at"}),
            "target": event["target"],
        }

    return Handler(run, Function(settings=Tables, permissions=(*PERMISSIONS, *action.permissions), sdk=True))


def _perform(event: Event, runtime: Runtime[Tables], store: Store, hands: Hands) -> Outcome:
    """Do the step; a lost race for the incident's head is read again, five times."""
    for _ in range(RACES):
        work = _read(event, runtime, store, hands)
        earlier = work.attempt.earlier
        if earlier and earlier["st"] != "INTENT":
            return ended(Outcome.model_validate_json(earlier["outcome"]))
        try:
            return _retry(work, earlier) if earlier else _first(work)
        except Cancelled as exc:
            if reason := final(exc, work.attempt, runtime.clock()):
                raise _left(work, reason) from exc
    raise Transient(f"step {event['n']} of {event['inc']} lost {RACES} races")


def _read(event: Event, runtime: Runtime[Tables], store: Store, hands: Hands) -> Work:
    incident_id, n, direction = event["inc"], event["n"], Direction(event["direction"])
    head, plan, lock = keys.incident(incident_id), keys.plan(incident_id), keys.lock(event["target"])
    this, applied = keys.step(incident_id, n, direction), keys.step(incident_id, n, Direction.APPLY)
    found = store.read([head, plan, lock, this, applied])
    if head not in found or plan not in found:
        raise Refused(f"{incident_id} has no committed plan: what is not written down is not done")
    incident = Incident.of(found[head])
    if incident.state not in (State.PLANNED, State.RUNNING):
        raise Refused(f"{incident_id} is {incident.state}: nothing may be done for it any more")
    step = Plan.model_validate_json(found[plan]["body"]).step(n)
    if step.target != event["target"]:
        raise Refused(f"step {n} of the plan is about {step.target}, not {event['target']}")
    attempt = Attempt(
        incident,
        step,
        direction,
        found.get(lock),
        found.get(this),
        tuple(_judged(verdict) for verdict in event["verdicts"]),
    )
    if direction is Direction.APPLY:
        return Work(runtime, store, hands, attempt, hands.goal(step.args), None)
    done = Outcome.model_validate_json(found[applied]["outcome"])
    return Work(runtime, store, hands, attempt, done.undo or {}, done.after)


def _judged(result: dict[str, Any]) -> dict[str, Any]:
    """A verdict on an earlier step, as it rides in this step's intent."""
    return {name: result[name] for name in ("step", "status", "judged", "observed", "at") if name in result}


def _first(work: Work) -> Outcome:
    step = work.attempt.step
    seen = work.hands.observe(work.runtime.clients, step.target)
    if _reached(seen.state, work.goal):
        return _said(work, Status.NOOP, seen.state)
    _refuse_drift(work, seen.state)
    work.hands.guard(work.runtime.clients, step.target, seen.state)
    return _act(work, seen.state, seen.revision)


def _retry(work: Work, earlier: Item) -> Outcome:
    """A compare-and-set was intended before: it took effect, or it did not, or somebody else changed the target.

    The expected revision is the first attempt's, so an earlier call that is still under way can only lose.
    """
    before, revision = earlier["pre"]["state"], earlier["pre"]["revision"]
    try:
        seen = work.hands.observe(work.runtime.clients, work.attempt.step.target)
    except Gone:
        _recovered(work, Status.GONE, before)
        raise
    if _reached(seen.state, work.goal):
        return _recovered(work, Status.RECOVERED, before)
    if seen.revision == revision:
        return _act(work, before, revision)
    done = _recovered(work, Status.UNKNOWN, before)
    raise Unknown(f"{work.attempt.step.target} was changed by somebody else while {done.step} was under way")


def _act(work: Work, before: dict[str, Any], revision: str) -> Outcome:
    _in_time(work)
    pre = {"state": before, "revision": revision}
    writes, head = intent(work.attempt, before=pre, token=work.token, at=work.runtime.clock())
    work.store.commit(writes)
    _in_time(work)
    began = work.runtime.clock()
    try:
        work.hands.apply(work.runtime.clients, work.attempt.step.target, work.goal, revision, work.token)
    except (Gone, Denied, Refused, Rejected) as exc:
        if work.attempt.earlier and isinstance(exc, Refused):
            raise Transient(f"an earlier attempt may have been the one that changed it: {exc}") from exc
        _settle(work, _said(work, STATUS[type(exc)], before), head)
        raise
    work.runtime.count("ActionSeconds", (work.runtime.clock() - began).total_seconds(), action=work.attempt.step.action)
    undo = {name: before[name] for name in work.goal}
    done = _said(work, Status.DONE, before).model_copy(update={"after": {**before, **work.goal}, "undo": undo})
    return _settle(work, done, head)


def _in_time(work: Work) -> None:
    if work.runtime.remaining() < NEEDED_SECONDS:
        raise Transient(f"less than {NEEDED_SECONDS} s of the function's time are left")


def _left(work: Work, reason: Refused) -> Refused:
    """Nothing more is done; an intent that still stands gets its outcome: as it was looked at, nothing had changed."""
    if work.attempt.earlier:
        _recovered(work, Status.REFUSED, work.attempt.earlier["pre"]["state"])
    return reason


def _recovered(work: Work, status: Status, before: dict[str, Any]) -> Outcome:
    """Close an earlier attempt's intent, under that attempt's fence."""
    earlier = work.attempt.earlier or {}
    fence = earlier["fence"]
    standing = replace(work.attempt, lock={"fence": fence - 1})
    undo = {name: before[name] for name in work.goal}
    done = _said(work, status, before).model_copy(update={"fence": fence})
    if status is Status.RECOVERED:
        done = done.model_copy(update={"after": {**before, **work.goal}, "undo": undo})
    return _settle(replace(work, attempt=standing), done, work.attempt.incident.head)


def _settle(work: Work, done: Outcome, head: audit.Head) -> Outcome:
    """Commit the outcome; steps that run beside this one move the incident's head, so it may have to be read again."""
    for _ in range(RACES):
        try:
            work.store.commit(outcome(work.attempt, done, head=head, at=work.runtime.clock())[0])
        except Cancelled as exc:
            if "STEP" in exc.found:
                raise Transient(f"a later attempt took over step {done.step}") from exc
            key = keys.incident(work.attempt.incident.id)
            head = Incident.of(work.store.read([key])[key]).head
        else:
            return done
    raise Transient(f"the outcome of step {done.step} lost {RACES} races")


def _said(work: Work, status: Status, before: dict[str, Any]) -> Outcome:
    attempt = work.attempt
    return Outcome(
        step=attempt.step.n,
        direction=attempt.direction,
        status=status,
        before=before,
        fence=attempt.fence if status is not Status.NOOP else None,
        at=work.runtime.clock(),
    )


def _reached(state: dict[str, Any], goal: dict[str, Any]) -> bool:
    return all(state.get(name) == value for name, value in goal.items())


def _refuse_drift(work: Work, state: dict[str, Any]) -> None:
    """What was planned for one state is not done to another."""
    step = work.attempt.step
    if work.expected is None and digest(state) != step.pre_hash:
        raise Refused(f"{step.target} has changed since the plan was drawn: it was {step.pre}, it is {state}")
    if work.expected is not None and state != work.expected:
        raise Refused(f"{step.target} has changed since step {step.n} was done: it is {state}, not {work.expected}")
