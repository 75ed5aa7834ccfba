"""Sending events to the bus, many at once; what could not be sent is sent again, as EventBridge's sources do."""

import threading
import time
from queue import Empty, Queue
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from cli.account import Account
from cli.errors import Unavailable
from cli.send import send
from edsr.errors import EdsrError
from edsr.protocol import keys
from tests.soak.findings import Episode

PAUSE = 0.5
"""Seconds before the next try where the bus does not answer."""

LOOKS, PATIENCE = 0.25, 3.0
"""Seconds between two looks for an incident, and how long a sender waits for it before it goes on."""


class Sender:
    """Sends copies until it is left.

    `sent` counts what the bus took, `again` what of it was lost, and `unanswered` the tries that it did not take.

    Each of its threads has one finding on its way at a time: a thousand at once would only be throttled.
    """

    def __init__(self, account: Account, copies: list[Episode], parallel: int) -> None:
        self._account = account
        self._waiting: Queue[Episode] = Queue()
        self._stop, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(parallel)]
        self._taken: set[Episode] = set()
        self.sent = self.again = self.unanswered = 0
        for service in ("events", "dynamodb"):
            account.client(service)  # made before it is shared: a session is no place for two threads
        self._add(copies)

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()  # nobody waits for them: one that still asks is answered by nobody once the engine is down

    @property
    def idle(self) -> bool:
        """Whether all that it was given is on the bus."""
        return self._waiting.unfinished_tasks == 0

    def send_lost(self, known: set[str]) -> None:
        """Send again what the bus took and no incident knows: a bus that AWS runs forgets nothing in a restart."""
        with self._lock:
            lost = [episode for episode in self._taken if episode.incident not in known]
            self.again += len(lost)
        self._add(lost)

    def _add(self, copies: list[Episode]) -> None:
        for episode in copies:
            self._waiting.put(episode)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                episode = self._waiting.get(timeout=0.2)
            except Empty:
                continue
            self._send(episode)
            self._waiting.task_done()

    def _send(self, episode: Episode) -> None:
        try:
            send(self._account, episode.event())
        except (BotoCoreError, ClientError, Unavailable):
            self._waiting.put(episode)
            with self._lock:
                self.unanswered += 1
            self._stop.wait(PAUSE)
            return
        with self._lock:
            self._taken.add(episode)
            self.sent += 1
        until = time.monotonic() + PATIENCE
        while not self._known(episode) and time.monotonic() < until:
            self._stop.wait(LOOKS)

    def _known(self, episode: Episode) -> bool:
        key = keys.incident(episode.incident)
        try:
            return self._stop.is_set() or key in self._account.store.read([key])
        except (EdsrError, BotoCoreError):
            return False  # nobody answers: the engine is being restarted
