"""Invocations that stand at a call, calls that are still in flight, and what else a schedule has to choose from."""

from typing import NamedTuple, Protocol

from tests.chaos.behaviour import Call, Moment
from tests.chaos.branches import Answer


class Point(NamedTuple):
    """How many options there were: the first so many cost nothing, those up to `faults` a fault, the rest a preemption.

    An exploration whose budget is spent asks for the free ones only: they come first, so that numbers stay the same.
    """

    free: int
    faults: int
    options: int


class Function(NamedTuple):
    """A function that may be invoked: its timeout, and how it is treated.

    A steady one (a person, somebody else's pipeline) meets no faults.
    """

    timeout: int
    steady: bool = False


class Task:
    """One invocation. A patient one has not begun and may stay so for any time; a paused one was left standing."""

    __slots__ = ("answer", "began", "begun", "function", "live", "moment", "number", "patient", "paused", "payload")

    def __init__(self, number: int, function: str, payload: str, began: int, answer: Answer, *, patient: bool) -> None:
        self.number, self.function, self.payload, self.began, self.answer = number, function, payload, began, answer
        self.patient, self.paused, self.begun, self.live = patient, False, False, True
        self.moment: Moment

    @property
    def call(self) -> Call:
        """The call at which it stands."""
        found = self.moment.call
        assert found is not None
        return found

    def __str__(self) -> str:
        return f"{self.function}#{self.number}"


class Rhythm(Protocol):
    """Something that comes again and again, as long as there is something for it to do."""

    def due(self) -> float | None:
        """When it comes next; None when there is nothing for it to do."""

    def come(self) -> None:
        """It comes."""


class Late(NamedTuple):
    """A call that was given up and takes effect later."""

    call: Call
    by: int
    sent: int
    trouble: str
