"""What an action can do to its target, and what an attempt at a step works with."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from edsr.declare import Action
from edsr.errors import Refused, Transient
from edsr.model import Direction, Outcome, Plan, State, Status
from edsr.ports import Clients, Item, Key, Observed, Store
from edsr.protocol import keys
from edsr.protocol.brakes import Brakes, unwell_keys
from edsr.protocol.brief import Brief
from edsr.protocol.incident import Incident
from edsr.protocol.rates import Full, api_scope, limits_of, rate_scopes
from edsr.protocol.stepping import SETTLES, Attempt
from edsr.protocol.verdicts import uncarried
from edsr.serve import Event, Runtime
from edsr.settings import Act

TOKENS = uuid.UUID("5b0f3a52-6c1d-5f0e-9d7e-0c6b8a4e2f11")
NEEDED_SECONDS = 8
"""A call is only sent with this much of the function's time left: no effect may come after it was given up."""

PATIENCE = 20
"""Seconds an attempt waits, for an earlier one to settle or for room, before it lets the state machine wait."""

LOOKING_SECONDS = 2
"""To read and look again, after an attempt has waited."""


class Hands(NamedTuple):
    """What an action can do: `observe(clients, target)`, `goal(args)` - the part of the state to be reached -,
    `guard(clients, target, state, args)`, which raises Refused (args are None when the step is undone), and
    `apply(clients, target, goal, revision, token)`. In a goal, None is for what shall not be there."""

    observe: Callable[[Clients, str], Observed]
    goal: Callable[[dict[str, Any]], dict[str, Any]]
    guard: Callable[[Clients, str, dict[str, Any], dict[str, Any] | None], None]
    apply: Callable[[Clients, str, dict[str, Any], str, str], None]


@dataclass(frozen=True)
class Work:
    """One attempt at a step, and everything it is done with.

    `goal` is the part of the state to be reached; `expected` the whole state that is undone, when it is.
    """

    runtime: Runtime[Act]
    store: Store
    action: Action
    hands: Hands
    attempt: Attempt
    goal: dict[str, Any]
    expected: dict[str, Any] | None

    @property
    def target(self) -> str:
        """What is acted on."""
        return self.attempt.step.target

    @property
    def token(self) -> str:
        """The same for every attempt at this step, so that the service can tell a repetition."""
        attempt = self.attempt
        name = f"{attempt.incident.id}#{attempt.step.n}#{attempt.direction}#{self.target}"
        return str(uuid.uuid5(TOKENS, name))

    def observe(self) -> Observed:
        """Look at the target."""
        return self.hands.observe(self.runtime.clients, self.target)

    def reached(self, state: dict[str, Any]) -> bool:
        """Whether a state is as wanted."""
        return all(state.get(name) == value for name, value in self.goal.items())

    def in_time(self) -> None:
        """Raise Transient when a call that is sent now might still be under way when the function is killed."""
        if self.runtime.remaining() < NEEDED_SECONDS:
            raise Transient(f"less than {NEEDED_SECONDS} s of the function's time are left")

    def outwait(self, earlier: Item) -> None:
        """Wait until an earlier attempt can take effect no more; Transient when that would take too long."""
        left = earlier["intent_at"] + SETTLES.total_seconds() - self.runtime.clock().timestamp()
        if left > 0:
            self.runtime.sleep(min(left, PATIENCE))
        if left > PATIENCE:
            raise Transient(f"an earlier attempt at {self.target} settles in {left - PATIENCE:.0f} s")

    def await_room(self, full: Full) -> None:
        """Wait until there is room for one more step; Transient when that takes longer than this attempt may."""
        patience = max(0.0, min(PATIENCE, self.runtime.remaining() - NEEDED_SECONDS - LOOKING_SECONDS))
        self.runtime.sleep(min(full.seconds, patience))
        if full.seconds > patience:
            raise Transient(f"{full}; a step of what is under way waits for it")

    def said(self, status: Status, before: dict[str, Any]) -> Outcome:
        """The outcome of this attempt, or, for what nothing was intended, of the step."""
        attempt = self.attempt
        undo = {name: before.get(name) for name in self.goal}
        changed = status in (Status.DONE, Status.RECOVERED)
        return Outcome(
            step=attempt.step.n,
            direction=attempt.direction,
            status=status,
            before=before,
            after=_with(before, self.goal) if changed else None,
            undo=undo if changed else None,
            fence=attempt.fence if status is not Status.NOOP else None,
            at=self.runtime.clock(),
        )


def _with(before: dict[str, Any], goal: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**before, **goal}.items() if value is not None}


def read(event: Event, runtime: Runtime[Act], store: Store, action: Action, hands: Hands) -> Work:
    """Everything an attempt has to know, in one read: its input `{inc, n, target, direction, brief, verdicts}` says
    where it stands. Refused when that is not what is written down."""
    brief, n, direction = Brief.model_validate(event["brief"]), event["n"], Direction(event["direction"])
    head, plan, lock = keys.incident(event["inc"]), keys.plan(event["inc"]), keys.lock(event["target"])
    this, applied = keys.step(brief.id, n, direction), keys.step(brief.id, n, Direction.APPLY)
    api = api_scope(action.api, event["target"], brief)
    found = store.read([head, plan, lock, this, applied, *_brakes(brief, action, api, runtime)])
    if head not in found or plan not in found:
        raise Refused(f"{event['inc']} has no committed plan: what is not written down is not done")
    incident = Incident.of(found[head])
    step = Plan.model_validate_json(found[plan]["body"]).step(n)
    if incident.brief != brief or (step.target, step.action) != (event["target"], action.id):
        raise Refused(f"step {n} of {incident.id} is {step.action} on {step.target}, not what {action.id} was told")
    if incident.state not in (incident.ready, State.RUNNING, State.HOLDING):
        raise Refused(f"{incident.id} is {incident.state}: nothing may be done for it now")
    limits = limits_of(brief, incident.policy, runtime.settings, [api])
    brakes = Brakes(brief, incident.policy, limits, found, action.id)
    verdicts = tuple(uncarried(event["verdicts"]))
    attempt = Attempt(incident, step, direction, found.get(lock), found.get(this), brakes, verdicts, action.runs_on)
    if direction is Direction.APPLY:
        return Work(runtime, store, action, hands, attempt, hands.goal(step.args), None)
    done = Outcome.model_validate_json(found[applied]["outcome"])
    return Work(runtime, store, action, hands, attempt, done.undo or {}, done.after)


def _brakes(brief: Brief, action: Action, api: str, runtime: Runtime[Act]) -> Sequence[Key]:
    return [
        keys.breaker(brief.policy, brief.service),
        keys.latch(action.id, brief.account),
        keys.slots(brief.slots),
        keys.storm(brief.service, brief.kind),
        *(keys.rate(scope) for scope in rate_scopes(brief, [api])),
        *unwell_keys(brief.service, action.resource, runtime.clock()),
    ]
