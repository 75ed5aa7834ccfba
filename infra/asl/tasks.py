"""Rules about tasks: what they invoke, how long they wait, and when they are tried again."""

from collections.abc import Iterator
from typing import Any

from infra.asl.documents import names_of
from infra.asl.machine import CALLBACK, Fault, Machine, Said, State

INVOKE = "arn:aws:states:::lambda:invoke"
ALLOWED = (INVOKE, INVOKE + CALLBACK)
MARGIN = 5
"""Seconds that a task waits longer than its function can take: nothing may work on after it was given up."""

CRASHES = frozenset({"Lambda.Unknown", "Runtime.ExitError", "Sandbox.Timedout", "States.Timeout"})
RETRIED = CRASHES | {
    "Transient",
    "Lambda.ServiceException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
}
ATTEMPTS = 3


def token_waits_end(machine: Machine) -> Iterator[Fault]:
    """A1: who waits for a token waits for a time that the machine itself says."""
    for state in machine.of("Task"):
        if state.waits_for_token and "TimeoutSeconds" not in state.said:
            yield Fault("A1", state.name, "it may wait for its token for a year", "a TimeoutSeconds")


def tokens_are_sent(machine: Machine) -> Iterator[Fault]:
    """A2: who waits for a token gives it away."""
    for state in machine.of("Task"):
        if state.waits_for_token and not _sends_token(state.said.get("Parameters")):
            yield Fault("A2", state.name, "nobody is given the token it waits for", "$$.Task.Token in its payload")


def heartbeats_come_in_time(machine: Machine) -> Iterator[Fault]:
    """A6: a heartbeat that is due after the timeout is never missed."""
    for state in machine.of("Task"):
        beat, limit = state.said.get("HeartbeatSeconds"), state.said.get("TimeoutSeconds")
        if isinstance(beat, int) and isinstance(limit, int) and beat >= limit:
            wrong = f"HeartbeatSeconds {beat} comes no sooner than TimeoutSeconds {limit}"
            yield Fault("A6", state.name, wrong, f"less than {limit}")


def resources_are_known(machine: Machine) -> Iterator[Fault]:
    """A8: a task invokes a Lambda function, in one of the two ways."""
    for state in machine.of("Task"):
        if state.said.get("Resource") not in ALLOWED:
            wrong = f"Resource {state.said.get('Resource')} is none that a machine of ours uses"
            yield Fault("A8", state.name, wrong, " or ".join(ALLOWED))


def tasks_outlast_their_functions(machine: Machine) -> Iterator[Fault]:
    """A9: a task that gives up before its function has ended leaves a zombie behind."""
    for state in machine.of("Task"):
        if state.said.get("Resource") in ALLOWED:
            yield from _outlasts(machine, state)


def hands_are_tried_again_rightly(machine: Machine) -> Iterator[Fault]:
    """A10: a hand is tried again after what may pass and after crashes, thrice, with jitter, and after nothing else."""
    for state in machine.hands:
        retries = state.said_of("Retry")
        named = {name for retry in retries for name in names_of(retry)}
        if wrong := sorted(named - RETRIED):
            what = f"it is tried again after {', '.join(wrong)}"
            yield Fault("A10", state.name, what, f"only after {', '.join(sorted(RETRIED))}")
        if missing := sorted(CRASHES - named):
            what = f"it is not tried again after {', '.join(missing)}"
            yield Fault("A10", state.name, what, "a retry finds its own step and settles it")
        for retry in retries:
            yield from _retries_calmly(state, retry)


def _retries_calmly(state: State, retry: Said) -> Iterator[Fault]:
    if retry.get("JitterStrategy") != "FULL":
        wrong = f"JitterStrategy is {retry.get('JitterStrategy', 'NONE')}"
        yield Fault("A10", state.name, wrong, "FULL: what failed together must not come back together")
    if retry.get("MaxAttempts", ATTEMPTS) != ATTEMPTS:
        wrong = f"MaxAttempts is {retry['MaxAttempts']}"
        yield Fault("A10", state.name, wrong, f"{ATTEMPTS}: so many outlast the settle point of a step")


def _outlasts(machine: Machine, state: State) -> Iterator[Fault]:
    said, takes = state.said.get("TimeoutSeconds"), machine.timeout(state)
    if takes is None:
        known = ", ".join(sorted([*machine.functions.timeouts, *machine.functions.hands]))
        wrong = f"nobody knows how long {machine.function(state) or 'what it invokes'} may take"
        yield Fault("A9", state.name, wrong, f"one of {known}")
    elif said is None:
        if not state.waits_for_token:
            wrong = "it does not say how long it waits for an answer"
            yield Fault("A9", state.name, wrong, f"TimeoutSeconds of at least {takes + MARGIN}")
    elif not isinstance(said, int) or said < takes + MARGIN:
        wrong = f"it waits {said} s for a function that may take {takes} s"
        yield Fault("A9", state.name, wrong, f"at least {takes + MARGIN} s")


def _sends_token(said: Any) -> bool:
    if isinstance(said, dict):
        return any(
            "$$.Task.Token" in inner if name.endswith(".$") and isinstance(inner, str) else _sends_token(inner)
            for name, inner in said.items()
        )
    return isinstance(said, list) and any(map(_sends_token, said))
