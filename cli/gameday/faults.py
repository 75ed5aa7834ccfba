"""What may go wrong between a function and AWS, on purpose: refused, throttled, lost, slow, or the caller's death."""

import threading
from collections.abc import Callable, Iterable
from typing import Literal

from pydantic import Field

from cli.gameday.wire import Call, Said, refused
from edsr.policy.words import Document, Text

Kind = Literal["throttled", "denied", "lost", "crash-before", "crash-after", "slow"]
CODES = {"throttled": "ThrottlingException", "denied": "AccessDeniedException"}


class Fault(Document):
    """One fault: of which calls, what happens to them, and to how many."""

    kind: Kind = Field(
        title="Kind",
        description="throttled and denied answer so in AWS's place; lost does it and loses the answer; crash kills the "
        "function before or after the call took effect; slow lets the answer wait for five seconds.",
    )
    call: Text = Field(title="Call", description="Such as lambda:UpdateAlias, as the SDK names service and operation.")
    function: Text | None = Field(default=None, title="Function", description="Only when this function calls.")
    times: int = Field(default=1, ge=1, le=10_000, title="Times", description="How many calls it happens to.")
    after: int = Field(default=0, ge=0, title="After", description="How many calls go well first.")

    def concerns(self, call: Call) -> bool:
        """Whether it is about such a call."""
        return call.name == self.call and self.function in (None, call.caller)

    def answer(self, call: Call) -> Said | None:
        """What is answered in AWS's place; None where AWS answers."""
        if self.kind not in CODES:
            return None
        return refused(call.service, CODES[self.kind], f"{call.name} is {self.kind}: a game day's fault")


class Faults:
    """The faults that are in force; each call meets one of them at most. Threads share them."""

    def __init__(self, kill: Callable[[str], None]) -> None:
        self._kill = kill
        self._lock = threading.Lock()
        self._left: list[tuple[Fault, int, int]] = []
        self.met: list[tuple[Fault, Call]] = []

    def add(self, fault: Fault) -> None:
        """From now on it happens."""
        with self._lock:
            self._left.append((fault, fault.after, fault.times))

    def lift(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._left.clear()

    def meets(self, call: Call) -> Fault | None:
        """The fault that this call meets, and so one time less that it happens."""
        with self._lock:
            for place, (fault, spared, times) in enumerate(self._left):
                if not fault.concerns(call) or not times:
                    continue
                if spared:
                    self._left[place] = (fault, spared - 1, times)
                    return None
                self._left[place] = (fault, spared, times - 1)
                self.met.append((fault, call))
                return fault
        return None

    def kill(self, function: str) -> None:
        """The process that runs the function dies."""
        self._kill(function)


def times(met: Iterable[tuple[Fault, Call]]) -> dict[str, int]:
    """How often each kind of fault struck which call: for the report."""
    said = [f"{fault.kind} {call.name}" for fault, call in met]
    return {one: said.count(one) for one in dict.fromkeys(said)}
