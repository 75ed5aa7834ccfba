"""The parts of an execution: its threads, its Map states under way, what a task came to, and the host it runs on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

_NOT_BY_ALL = ("States.DataLimitExceeded", "States.Runtime")

Answer = Callable[["Result | Failure"], None]


@dataclass(frozen=True)
class Result:
    """A function returned."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """A task failed."""

    error: str
    cause: str = ""


class Host(Protocol):
    """What an execution runs on."""

    def invoke(self, function: str, payload: Any, answer: Answer) -> None:
        """Call a function; `answer` is called when it has ended."""

    def after(self, seconds: float, then: Callable[[], None], needed: Callable[[], bool]) -> None:
        """Call `then` after a time, if it is still needed."""

    def entered(self) -> str:
        """The time now, as the context says it."""

    def jitter(self, seconds: float) -> float:
        """How much of a retry's delay is waited."""


@dataclass
class Frame:
    """A Map state under way: what each item came to, and which come next."""

    branch: "Branch"
    items: list[Any]
    at_once: int
    results: list[Any]
    begun: int = 0
    ended: int = 0
    failed: bool = False


@dataclass
class Branch:
    """One thread of an execution: the state it is in, and what that state was given."""

    states: dict[str, Any]
    frame: Frame | None = None
    number: int = 0
    name: str = ""
    said: Any = None
    tried: dict[int, int] = field(default_factory=dict)
    turn: int = 0
    entered: str = ""

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.states[self.name]
        return found

    @property
    def live(self) -> bool:
        """Whether nothing above it has failed."""
        return self.frame is None or (not self.frame.failed and self.frame.branch.live)


def matches(names: list[str], error: str) -> bool:
    """Whether an error is one of those that a Retry or a Catch names."""
    if "States.ALL" in names:
        return error not in _NOT_BY_ALL
    return error in names or ("States.TaskFailed" in names and error != "States.Timeout")


def delay(rule: dict[str, Any], done: int, host: Host) -> float:
    """How long the next retry waits."""
    seconds: float = min(
        rule.get("IntervalSeconds", 1) * rule.get("BackoffRate", 2.0) ** done, rule.get("MaxDelaySeconds", 10**9)
    )
    return host.jitter(seconds) if rule.get("JitterStrategy") == "FULL" else seconds
