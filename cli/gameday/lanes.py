"""Game days side by side: each lane has a sandbox of its own, so that no day sees another's."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, Queue
from typing import Any, TypeVar

from cli.gameday.scenario import Scenario
from edsr.errors import EdsrError

Result = TypeVar("Result")
SECONDS = 40.0
"""What a day takes that was never measured."""


class Halted(EdsrError):
    """Somebody has stopped the run."""


class Halt:
    """Whether the run was stopped: whoever waits, waits here, and so is told at once."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Stop whatever waits."""
        self._stopped.set()

    def sleep(self, seconds: float) -> None:
        """Wait so long; Halted as soon as the run is stopped."""
        if self._stopped.wait(seconds):
            raise Halted("the run was stopped")


def split(days: Sequence[Scenario], lanes: int, took: dict[str, float]) -> list[list[Scenario]]:
    """The days in so many lanes that take about as long as each other, in each lane in the order they came."""
    loads = [0.0] * min(lanes, len(days))
    chosen: dict[str, int] = {}
    for day in sorted(days, key=lambda day: -took.get(day.id, SECONDS)):
        lightest = loads.index(min(loads))
        chosen[day.id] = lightest
        loads[lightest] += took.get(day.id, SECONDS)
    return [[day for day in days if chosen[day.id] == lane] for lane in range(len(loads))]


def measured(text: str) -> dict[str, float]:
    """How long each day took when it was last recorded, from the text of docs/gamedays.json."""
    found: dict[str, dict[str, Any]] = json.loads(text)["gamedays"]
    return {name: float(said["seconds"]) for name, said in found.items()}


def side_by_side(lanes: Sequence[Callable[[Halt], Iterator[Result]]]) -> Iterator[Result]:
    """What comes of each lane, as it comes; an error in one, or the caller's going away, stops the others."""
    halt, found = Halt(), Queue[Result]()

    def go(lane: Callable[[Halt], Iterator[Result]]) -> None:
        for result in lane(halt):
            found.put(result)

    with ThreadPoolExecutor(len(lanes)) as pool:
        going = [pool.submit(go, lane) for lane in lanes]
        try:
            yield from _until_done(going, found)
        finally:
            halt.stop()
    for lane in going:
        lane.result()


def _until_done(going: Sequence[Future[None]], found: Queue[Result]) -> Iterator[Result]:
    while not found.empty() or not all(lane.done() for lane in going):
        if any(lane.done() and lane.exception() for lane in going):
            return
        try:
            yield found.get(timeout=0.5)
        except Empty:
            continue
