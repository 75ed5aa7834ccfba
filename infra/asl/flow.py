"""Rules about the ways through a machine: from a hand over its judgement to an end, and where errors lead."""

from collections.abc import Iterator

from infra.asl.documents import ALL, names_of
from infra.asl.machine import ENDS, SUCCEEDED, Fault, Machine, Said, State

ESCALATE = "Escalate"


def hands_escalate(machine: Machine) -> Iterator[Fault]:
    """A3: whatever goes wrong with a hand, and with what is around it, comes to Escalate."""
    risky = {state.name: state for hand in machine.hands for state in (hand, *hand.containers)}
    for state in risky.values():
        if wrong := _uncaught(machine, state):
            yield Fault("A3", state.name, wrong, f"a Catch of {ALL} that leads to {ESCALATE}")


def what_was_done_is_judged_and_closed(machine: Machine) -> Iterator[Fault]:
    """A12: what a hand did is verified, and whatever came of it the incident is closed; so it is where no hand acts."""
    verifying = machine.invoking(machine.functions.verify)
    closing = machine.invoking(machine.functions.close)
    for hand in machine.hands:
        unjudged = machine.reach(machine.onward(hand, caught=False), caught=False, until=verifying)
        if unjudged & set(ENDS):
            yield Fault("A12", hand.name, "what it did can end unverified", f"through {_names(verifying)}")
        left_open = machine.reach(machine.onward(hand, caught=True), caught=True, until=closing)
        if left_open & set(ENDS):
            yield Fault("A12", hand.name, "a run can end with its incident open", f"through {_names(closing)}")
    start = str(machine.said.get("StartAt"))
    if closing and machine.reach(iter(_begins(machine, start)), caught=False, until=closing) & set(ENDS):
        yield Fault("A12", start, "a run can end before its incident is closed", f"through {_names(closing)}")


def _begins(machine: Machine, start: str) -> list[str]:
    """Where the run of an incident begins: not where a heartbeat, which is none, is let through."""
    state = machine.states.get(start)
    if state is None or not any(map(_is_heartbeat, state.said_of("Choices"))):
        return [start]
    others = [str(choice.get("Next")) for choice in state.said_of("Choices") if not _is_heartbeat(choice)]
    return [str(state.said.get("Default")), *others]


def _is_heartbeat(choice: Said) -> bool:
    return (choice.get("Variable"), choice.get("StringEquals")) == ("$.inc", "heartbeat")


def hands_work_within_a_bound(machine: Machine) -> Iterator[Fault]:
    """A13: how many hands work side by side is bounded."""
    around = {state.name: state for hand in machine.hands for state in hand.containers}
    for state in around.values():
        if state.kind == "Parallel":
            yield Fault("A13", state.name, "a Parallel has no bound", "a Map with MaxConcurrency")
        elif not (state.said.get("MaxConcurrency") or "MaxConcurrencyPath" in state.said):
            yield Fault("A13", state.name, "all its items run at once", "MaxConcurrency of at least 1")


def escalation_fails(machine: Machine) -> Iterator[Fault]:
    """A15: a run that needed a person is no success."""
    if ESCALATE in machine.states:
        escalate = machine.states[ESCALATE]
        if SUCCEEDED in machine.reach(machine.onward(escalate, caught=True), caught=True):
            yield Fault("A15", ESCALATE, "after it the run can succeed", "every way from it ends in a Fail")


def _uncaught(machine: Machine, state: State) -> str | None:
    """Why an error of this state may not come to Escalate; None when it does.

    Within a Map it ends its item, unverified, and what follows the Map can come to Escalate; elsewhere nothing else
    may come first.
    """
    target = next((str(catch.get("Next")) for catch in state.said_of("Catch") if ALL in names_of(catch)), None)
    if target is None:
        return "an error that nobody foresaw is not caught"
    reached = machine.reach(iter([target]), caught=False, until={ESCALATE})
    if ESCALATE not in reached:
        return f"an error that nobody foresaw leads to {target}, and never to {ESCALATE}"
    if state.around is None:
        return None if not reached & set(ENDS) else f"from {target} a run can end without {ESCALATE}"
    outside = {name for name, other in machine.states.items() if other.around is not state.around}
    within = machine.reach(iter([target]), caught=False, until=outside)
    judged = within & machine.invoking(machine.functions.verify)
    return f"what an unforeseen error left behind is judged by {_names(judged)}" if judged else None


def _names(states: set[str]) -> str:
    return ", ".join(sorted(states)) or "nothing: there is no such task"
