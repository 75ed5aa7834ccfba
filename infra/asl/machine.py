"""A state machine as the rules see it: its states, what they invoke, and where a run goes from each."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from infra.catalogue import Discovered

Said = Mapping[str, Any]

SUCCEEDED, FAILED = "(the run succeeds)", "(the run fails)"
ENDS = (SUCCEEDED, FAILED)
CALLBACK = ".waitForTaskToken"
MACHINE = "(the machine)"


class Fault(NamedTuple):
    """What breaks a rule: where, what is wrong, and what is right."""

    rule: str
    state: str
    wrong: str
    right: str

    def __str__(self) -> str:
        return f"{self.rule} {self.state}: {self.wrong}; right is: {self.right}"


@dataclass(frozen=True)
class Functions:
    """What a machine may invoke: the seconds each function may take, by the reference that a task names it with.

    `hands` change the estate; a task that takes its function from data invokes one of them.
    """

    timeouts: Mapping[str, int]
    hands: Mapping[str, int]
    verify: str = "${VerifyFunction}"
    close: str = "${CloseFunction}"

    @classmethod
    def of(cls, found: Discovered) -> "Functions":
        """As they are declared: stages by their placeholder, hands by their name."""
        stages = ("plan", "approve", "verify", "close")
        return cls(
            timeouts={f"${{{name.title()}Function}}": found.stage(name).declared.timeout for name in stages},
            hands={entry.name: entry.declared.timeout for entry in found.family("act")},
        )


@dataclass(frozen=True)
class State:
    """A state, and the Map or Parallel around it."""

    name: str
    said: Said
    around: "State | None" = field(repr=False, default=None)

    @property
    def kind(self) -> Any:
        """Task, Choice, ..."""
        return self.said.get("Type")

    @property
    def waits_for_token(self) -> bool:
        """Whether it goes on only when somebody sends its token back."""
        return str(self.said.get("Resource")).endswith(CALLBACK)

    @property
    def containers(self) -> "list[State]":
        """Every Map and Parallel around it, innermost first."""
        return [self.around, *self.around.containers] if self.around else []

    def said_of(self, name: str) -> list[Said]:
        """The entries of a list such as Retry, Catch or Choices."""
        return [item for item in self.said.get(name) or [] if isinstance(item, Mapping)]


class Machine:
    """A machine, its states by name (names are unique in the whole machine), and the ways through it."""

    def __init__(self, said: Said, functions: Functions, kind: str) -> None:
        self.said, self.functions, self.kind = said, functions, kind
        self.states = {state.name: state for state in _states(said, None)}

    def of(self, kind: str) -> list[State]:
        """The states of a type."""
        return [state for state in self.states.values() if state.kind == kind]

    @cached_property
    def hands(self) -> list[State]:
        """The tasks that change the estate: their function is an actuator, or comes from data."""
        return [state for state in self.of("Task") if self.is_hand(state)]

    def is_hand(self, state: State) -> bool:
        """Whether the task's function is taken from data, or is an actuator."""
        return "FunctionName.$" in _parameters(state) or self.function(state) in self.functions.hands

    def function(self, state: State) -> str:
        """The reference of the function that a task names; empty when it takes it from data or invokes none."""
        return str(_parameters(state).get("FunctionName", ""))

    def invoking(self, function: str) -> set[str]:
        """The names of the tasks that invoke a function."""
        return {state.name for state in self.of("Task") if self.function(state) == function}

    def timeout(self, state: State) -> int | None:
        """The seconds that the task's function may take; None when nobody knows."""
        if "FunctionName.$" in _parameters(state):
            return max(self.functions.hands.values(), default=None)
        return {**self.functions.timeouts, **self.functions.hands}.get(self.function(state))

    def onward(self, state: State, *, caught: bool) -> Iterator[str]:
        """Where a run may go from a state: names, and how the run ends; with `caught`, also after an error."""
        for branch in _branches(state.said):
            yield str(branch.get("StartAt"))
        if state.kind == "Fail":
            yield from self._failed(state, caught=caught)
        elif state.kind == "Succeed" or state.said.get("End"):
            yield from self._left(state.around)
        yield from _named(state)
        if caught:
            yield from _catching(state)

    def reach(self, start: Iterator[str], *, caught: bool, until: Container[str] = ()) -> set[str]:
        """Every state and end that a run can come to from some names, going no further at those in `until`."""
        found: set[str] = set()
        waiting = list(start)
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            if name not in until and name in self.states:
                waiting += self.onward(self.states[name], caught=caught)
        return found

    def _left(self, around: State | None) -> Iterator[str]:
        """After the last state of an item or a branch the state around it goes on."""
        if around is None:
            yield SUCCEEDED
        elif "Next" in around.said:
            yield str(around.said["Next"])
        else:
            yield from self._left(around.around)

    def _failed(self, state: State, *, caught: bool) -> Iterator[str]:
        """A failed item fails the state around it, which may catch that."""
        around = state.around
        catching = list(_catching(around)) if around and caught else []
        yield from catching or [FAILED]


def _states(said: Said, around: State | None) -> Iterator[State]:
    for name, body in (said.get("States") or {}).items():
        if not isinstance(body, Mapping):
            continue
        state = State(name, body, around)
        yield state
        for branch in _branches(body):
            yield from _states(branch, state)


def _branches(said: Said) -> list[Said]:
    """The machines within a Map (also under its older name) or a Parallel."""
    within = [said.get("ItemProcessor"), said.get("Iterator"), *(said.get("Branches") or [])]
    return [branch for branch in within if isinstance(branch, Mapping)]


def _parameters(state: State) -> Said:
    said = state.said.get("Parameters")
    return said if isinstance(said, Mapping) else {}


def _named(state: State) -> Iterator[str]:
    for holder in (state.said, *state.said_of("Choices")):
        yield from (str(holder[name]) for name in ("Next", "Default") if name in holder)


def _catching(state: State) -> Iterator[str]:
    yield from (str(catch["Next"]) for catch in state.said_of("Catch") if "Next" in catch)
