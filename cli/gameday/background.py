"""What goes on in the background of a game day, every so often, until the day ends."""

import threading
from collections.abc import Callable
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError


class Repeated:
    """Does something again and again in a thread of its own; a call that fails meanwhile is only counted."""

    def __init__(self, every: float, do: Callable[[], object]) -> None:
        self._every, self._do = every, do
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="game day", daemon=True)
        self.failed = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=15)

    def _run(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self._do()
            except (BotoCoreError, ClientError):  # throttled, or the engine is being restarted
                self.failed += 1
