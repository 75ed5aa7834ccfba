"""What goes wrong meanwhile: workers that run functions are killed, and the engine is restarted."""

import os
import re
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Self

from cli.sandbox import Sandbox

FUNCTION = re.compile(r"ministack-lambda-(edsr-[a-z-]+)-")
"""A worker's folder is named by its function."""


class Killer:
    """Kills a random worker, without warning, each time that so much more is `sent`, until it is left."""

    def __init__(self, sandbox: Sandbox, sent: Callable[[], int], when: list[int], seed: int) -> None:
        self._sandbox, self._sent, self._when = sandbox, sent, when
        self._dice = Random(seed)  # noqa: S311 - whom it hits is no secret
        self._stop, self._aiming = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.killed: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody is killed meanwhile."""
        with self._aiming:
            yield

    def _run(self) -> None:
        for sent in self._when:
            while self._sent() < sent and not self._stop.is_set():
                self._stop.wait(0.1)
            with self._aiming:
                self._kill()

    def _kill(self) -> None:
        workers = [(found[1], each) for each in self._sandbox.workers() if (found := FUNCTION.search(each.command))]
        if not workers or self._stop.is_set():
            return
        function, worker = self._dice.choice(workers)
        with suppress(ProcessLookupError):  # it ended by itself a moment ago
            os.kill(worker.pid, signal.SIGKILL)
            self.killed[function] += 1


def due(copies: int, times: int) -> list[int]:
    """After how many sent copies each of so many disturbances comes: spread evenly over the sending."""
    return [copies * number // (times + 1) for number in range(1, times + 1)]
