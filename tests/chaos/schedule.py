"""One schedule: who goes next and what goes wrong, choice by choice, from the first event until all is at rest."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from heapq import heappop, heappush
from typing import Any

from edsr.times import iso, parse_epoch
from tests.chaos.behaviour import Answer, Behaviours
from tests.chaos.branches import Answer as Reply
from tests.chaos.branches import Failure
from tests.chaos.errors import timeout
from tests.chaos.tasks import Function, Late, Point, Rhythm, Task
from tests.chaos.world import World

IN_FLIGHT = 10
"""Seconds after which a call that was sent has taken effect, or never will."""
NO_ANSWER = 5
"""Seconds after which a client gives up."""
MOST_STEPS = 600


Option = tuple[str, Any]


class Schedule:
    """Runs one schedule. `deviations` say at which step another option than the first is taken.

    `points` are the options each step had; `taken` says in words what was chosen.
    """

    def __init__(
        self,
        world: World,
        behaviours: Behaviours,
        functions: Mapping[str, Function],
        *,
        jitter: float = 0.0,
        most: int = MOST_STEPS,
    ) -> None:
        self.most = most
        self.world, self.behaviours, self.functions, self.full = world, behaviours, functions, jitter
        self.tasks: list[Task] = []
        self.every: list[Task] = []
        self.late: list[Late] = []
        self.rhythms: list[Rhythm] = []
        self.points: list[Point] = []
        self.taken: list[str] = []
        self.flaws: list[str] = []
        self._timers: list[tuple[float, int, Callable[[], None], Callable[[], bool]]] = []
        self._order = 0
        self._current: Task | None = None
        self._chosen = False

    # What executions and deliveries run on

    def invoke(self, function: str, payload: Any, answer: Reply, *, patient: bool = False) -> None:
        """Call a function; a patient call may arrive at any time from now on."""
        task = Task(len(self.every), function, json.dumps(payload), self.world.now, answer, patient=patient)
        self.every.append(task)
        self.tasks.append(task)
        if not patient:
            self._begin(task)

    def after(self, seconds: float, then: Callable[[], None], needed: Callable[[], bool]) -> None:
        """Call `then` after a time, if it is still needed."""
        self._order += 1
        heappush(self._timers, (self.world.now + seconds, self._order, then, needed))

    def entered(self) -> str:
        """The time as the state machine's context says it."""
        return _spelled(self.world.now)

    def jitter(self, seconds: float) -> float:
        """A retry's delay: none of it is the hardest on what is still in flight."""
        return round(seconds * self.full)

    # The run

    def run(self, deviations: Mapping[int, int], *, said: bool = False, spent: bool = False) -> None:
        """Until all is at rest. `spent` leaves out, after the last deviation, what costs a fault or a preemption."""
        last = max(deviations, default=-1)
        for step in range(self.most):
            if spent and step > last and self._current and not self.late and not said:
                self.points.append(_ALONE)
                self._call(self._current, "go")
                continue
            options, point = self._options(everything=not spent or step <= last)
            if not options:
                return
            self.points.append(point)
            pick = deviations.get(step, 0)
            if said:
                self.taken.append(self._words(options[pick], step, pick))
            self._do(*options[pick])
        self.flaws.append("rest: it did not come to rest")

    def _options(self, *, everything: bool) -> tuple[list[Option], Point]:
        current = self._current
        landings: list[Option] = [("land", late) for late in self.late]
        if current is None:
            ready: list[Option] = [("switch", task) for task in self.tasks if not task.patient and not task.paused]
            paused: list[Option] = [("switch", task) for task in self.tasks if task.paused]
            passing: list[Option] = [] if ready or not self._due() else [("time", None)]
            options = [*ready, *paused, *passing, *self._waiting(), *landings]
            return options, Point(len(options), len(options), len(options))
        options = [("go", current), *landings]
        free = faults = len(options)
        if everything:
            options += self._mishaps(current)
            faults = len(options)
            options += [] if self._chosen else self._interruptions(current)
        return options, Point(free, faults, len(options))

    def _waiting(self) -> list[Option]:
        """Patient tasks; of those that are alike, one."""
        alike = {(task.function, task.payload): task for task in reversed(self.tasks) if task.patient}
        return [("switch", task) for task in reversed(alike.values())]

    def _mishaps(self, current: Task) -> list[Option]:
        if self.functions[current.function].steady:
            return []
        mishaps = _OF_WRITES if current.call.writes else _OF_READS
        if current.call.service == "clock":
            mishaps = ("crash",)
        return [(mishap, current) for mishap in mishaps]

    def _interruptions(self, current: Task) -> list[Option]:
        others = [task for task in self.tasks if task is not current and not task.patient]
        waiting = [("preempt", task) for _, task in self._waiting()]
        return [*(("preempt", task) for task in others), *waiting, *([("preempt", None)] if self._due() else [])]

    def _do(self, what: str, with_: Any) -> None:
        current = self._current
        if what == "land":
            self._land(with_)
        elif what == "time":
            self._pass_time()
        elif what in ("switch", "preempt"):
            self._switch(current, with_, what)
        elif current:
            self._call(current, what)

    def _switch(self, current: Task | None, task: Task | None, what: str) -> None:
        if what == "preempt" and current:
            current.paused = True
        self._current, self._chosen = task, True
        if task is None:
            self._pass_time()
            return
        task.paused = False
        if task.patient:
            task.patient, task.began = False, self.world.now
            self._begin(task)

    def _begin(self, task: Task) -> None:
        """It is invoked: it has its timeout from now on."""
        limit = self.functions[task.function].timeout
        task.moment = self.behaviours.begin(task.function, task.payload, self.world.now)
        self.after(limit - 1, _nothing, lambda: task.live and task.paused)
        self.after(limit, lambda: self._killed(task), lambda: task.live)
        if task.moment.ended:
            self._end(task)

    def _call(self, task: Task, how: str) -> None:
        world, call = self.world, task.call
        if call.service == "clock" and how == "go":
            self._doze(task, call.said["seconds"])
            return
        task.begun, self._chosen = True, False
        if how == "late":
            self.late.append(Late(call, task.number, world.now, world.trouble_of(call)))
        elif how != "crash":
            answer = world.perform(call, task.number, world.now, world.trouble_of(call))
        if how in ("crash", "crash after"):
            self._die(task, "Runtime.ExitError")
            return
        if how in ("lost", "late"):
            world.now += NO_ANSWER
            answer = Answer(world.now, "no answer", error=timeout())
        self._tell(task, answer)

    def _doze(self, task: Task, seconds: int) -> None:
        """It sleeps: others go on, and time may pass."""
        self.tasks.remove(task)
        self._current = None

        def wake() -> None:
            self.tasks.append(task)
            self._tell(task, Answer(self.world.now, "awake"))

        self.after(seconds, wake, lambda: task.live)

    def _tell(self, task: Task, answer: Answer) -> None:
        task.moment = self.behaviours.tell(task.moment, answer, task.function, task.payload, task.began)
        if task.moment.ended:
            self._end(task)

    def _end(self, task: Task) -> None:
        self._leave(task)
        if task.moment.ended:
            task.answer(task.moment.ended)

    def _die(self, task: Task, error: str) -> None:
        self._leave(task)
        task.answer(Failure(error, json.dumps({"errorType": error, "errorMessage": f"{task.function} died"})))

    def _killed(self, task: Task) -> None:
        self._die(task, "Sandbox.Timedout")

    def _leave(self, task: Task) -> None:
        task.live = task.paused = False
        if task in self.tasks:
            self.tasks.remove(task)
        if self._current is task:
            self._current = None

    def _land(self, late: Late) -> None:
        self.late.remove(late)
        self.world.perform(late.call, late.by, late.sent, late.trouble)

    def _due(self) -> bool:
        """Whether time has anything to bring."""
        while self._timers and not self._timers[0][3]():
            heappop(self._timers)
        return bool(self._timers) or any(rhythm.due() is not None for rhythm in self.rhythms)

    def _pass_time(self) -> None:
        """To the next moment at which something is due; what is still in flight lands before its time is over."""
        first = self._timers[0][0] if self._timers else float("inf")
        beats = [(at, rhythm) for rhythm in self.rhythms if (at := rhythm.due()) is not None and at < first]
        due = min([first, *(at for at, _ in beats)])
        overdue = [late for late in self.late if late.sent + IN_FLIGHT < due]
        if overdue:
            self.world.now = max(self.world.now, overdue[0].sent + IN_FLIGHT)
            self._land(overdue[0])
            return
        self.world.now = max(self.world.now, int(due))
        for at, rhythm in beats:
            if at <= due:
                rhythm.come()
        while self._timers and self._timers[0][0] <= self.world.now:
            _, _, then, needed = heappop(self._timers)
            if needed():
                then()

    def _words(self, option: Option, step: int, pick: int) -> str:
        what, with_ = option
        on = str(with_.call) if isinstance(with_, Late) else str(with_ or "time")
        standing = f" at {self._current.call}" if self._current else ""
        return f"{step}:{pick} t={self.world.now} {what} {on}{standing}"


def _nothing() -> None:
    return


@cache
def _spelled(now: int) -> str:
    return iso(parse_epoch(now))


_ALONE = Point(1, 1, 1)
_OF_READS: tuple[str, ...] = ("crash", "lost")
_OF_WRITES: tuple[str, ...] = ("crash", "lost", "crash after", "late")
