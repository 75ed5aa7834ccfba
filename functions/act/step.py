"""One step, once: observe, commit the intent, make the one mutating call, and commit what came of it."""

from datetime import timedelta
from typing import Any, NamedTuple

from act.again import again, concluded
from act.ends import STATUS, ended, final
from act.hands import Hands, Work, read
from act.settle import settle
from edsr import audit
from edsr.aws.store import DynamoStore
from edsr.canonical import digest
from edsr.declare import Action, Function, Permission
from edsr.errors import Denied, Gone, Refused, Rejected, Transient, Unknown
from edsr.model import Outcome, Status
from edsr.ports import Cancelled, Observed, Store
from edsr.protocol import keys
from edsr.protocol.rates import Full
from edsr.protocol.stepping import intent
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Act

RACES = 5
NAMED = 5
"""So many differences are named."""

PERMISSIONS = (
    Permission(
        actions=("dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
        on="state-table",
    ),
    Permission(actions=("dynamodb:PutItem",), on="audit-table"),
)


def actuator(action: Action, hands: Hands) -> Handler[Act]:
    """The Lambda handler of an action; its input `{inc, n, target, direction, brief, verdicts}` points into the plan.

    `stands` in its answer says where the incident's chain stands, for who ends it; null when nothing was written.
    """

    def run(event: Event, runtime: Runtime[Act]) -> dict[str, Any]:
        store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
        done, stands = _perform(event, runtime, store, action, hands)
        runtime.log.info("acted", extra={"action": action.id, "status": done.status.value, "target": event["target"]})
        runtime.count("Steps", action=action.id, status=done.status.value)
        said = done.model_dump(mode="json", include={"step", "direction", "status", "at"})
        return {**said, "target": event["target"], "stands": stands}

    return Handler(run, Function(settings=Act, permissions=(*PERMISSIONS, *action.permissions), sdk=True))


class Done(NamedTuple):
    """What came of a step, and where the chain stands after it, as the state machine carries it."""

    outcome: Outcome
    stands: dict[str, Any] | None = None


def _perform(event: Event, runtime: Runtime[Act], store: Store, action: Action, hands: Hands) -> Done:
    """Do the step; after a lost race, or a wait for room, everything is read again, five times."""
    for _ in range(RACES):
        work = read(event, runtime, store, action, hands)
        earlier = work.attempt.earlier
        if earlier and earlier["st"] != "INTENT":
            return Done(ended(Outcome.model_validate_json(earlier["outcome"])))
        try:
            return _again(work) if earlier else _first(work)
        except Cancelled as exc:
            if reason := final(exc, work.attempt, runtime.clock()):
                return _left(work, reason)
        except Full as exc:
            work.await_room(exc)
    raise Transient(f"step {event['n']} of {event['inc']} lost {RACES} races")


def _first(work: Work) -> Done:
    seen = work.observe()
    if work.reached(seen.state):
        return Done(work.said(Status.NOOP, seen.state))
    _refuse_drift(work, seen.state)
    args = None if work.attempt.undoing else work.attempt.step.args
    work.hands.guard(work.runtime.clients, work.target, seen.state, args)
    return _act(work, seen)


def _again(work: Work) -> Done:
    """An attempt that finds its own intent: whether the call is sent once more is for the action's class to say."""
    if known := again(work):
        return Done(known)
    return _act(work, Observed(**(work.attempt.earlier or {})["pre"]))


def _act(work: Work, seen: Observed) -> Done:
    work.in_time()
    try:
        writes, head = intent(work.attempt, before=seen.written, token=work.token, at=work.runtime.clock())
    except Refused as exc:
        return _left(work, exc)
    work.store.commit(writes)
    work.in_time()
    began = work.runtime.clock()
    try:
        work.hands.apply(work.runtime.clients, work.target, work.goal, seen.revision, work.token)
    except (Gone, Denied, Refused, Rejected) as exc:
        return _failed(work, exc, seen.state, head)
    took = round((work.runtime.clock() - began) / timedelta(milliseconds=1))
    done, last = settle(work, work.said(Status.DONE, seen.state).model_copy(update={"took_ms": took}), head)
    return Done(done, {"seq": last.seq, "hash": last.hash, "quiet": _quiet(work)})


def _quiet(work: Work) -> bool:
    """Whether the incident's end will change nothing but itself: no breaker to count on, no measure that goes on."""
    brief = work.attempt.brakes.brief
    breaker = work.attempt.brakes.found.get(keys.breaker(brief.policy, brief.service))
    counts = breaker and (breaker["state"] != "closed" or breaker["fails"])
    return not counts and not work.attempt.step.expires and not work.attempt.undoing


def _failed(work: Work, exc: Gone | Denied | Refused | Rejected, before: dict[str, Any], head: audit.Head) -> Done:
    """The call was refused. On a first try nothing changed; after another try nobody knows before they have looked."""
    if not work.attempt.earlier:
        settle(work, work.said(STATUS[type(exc)], before), head)
        raise exc
    try:
        done = concluded(work, STATUS[type(exc)], head)
    except Unknown:
        if isinstance(exc, Denied):
            raise exc from None  # it has to latch, whatever came of the call before
        raise
    if done.status is not Status.RECOVERED:
        raise exc
    return Done(done)


def _left(work: Work, reason: Refused) -> Done:
    """Nothing more is sent; an intent that stands gets its outcome once no earlier call can take effect any more."""
    if not work.attempt.earlier:
        raise reason
    work.outwait(work.attempt.earlier)
    done = concluded(work, Status.REFUSED, work.attempt.incident.head, standing=True)
    if done.status is not Status.RECOVERED:
        raise reason
    return Done(done)


def _refuse_drift(work: Work, state: dict[str, Any]) -> None:
    """What was planned for one state is not done to another."""
    step = work.attempt.step
    if work.expected is None and digest(state) != step.pre_hash:
        raise Refused(f"{step.target} has changed since the plan was drawn: {_differs(step.pre, state)}")
    if work.expected is not None and state != work.expected:
        raise Refused(f"{step.target} has changed since step {step.n} was done: {_differs(work.expected, state)}")


def _differs(was: dict[str, Any], now: dict[str, Any]) -> str:
    """What differs, in few words: a refusal travels in the execution's state, the audit and a page."""
    names = [name for name in sorted(was.keys() | now.keys()) if was.get(name) != now.get(name)]
    said = [f"{name} was {was.get(name)!s:.100} and is {now.get(name)!s:.100}" for name in names[:NAMED]]
    return ", ".join(said) + (f", and {len(names) - NAMED} more" if len(names) > NAMED else "")
