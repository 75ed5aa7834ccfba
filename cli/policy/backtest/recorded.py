"""Recorded events from files, folders or standard input, one after the other, however many there are."""

import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cli.errors import Unavailable
from cli.policy.backtest.envelope import Event, event_of, only_reads, things
from cli.policy.backtest.json_values import Broken, values

STDIN = "-"
ENDINGS = (".json", ".jsonl", ".ndjson", ".log", ".gz")
EXAMPLES = 5
ONLY_READS = "EventBridge delivers read-only management events only to rules that ask for them, and none does here"


class Recording:
    """The events of a file, of a folder's files in the order of their names, or of standard input (-).

    `reads` says whether any policy waits for calls that only read. `undelivered` counts what EventBridge would not have
    delivered, by reason; `unreadable` what is no event, of which the first few are kept in `examples` with their
    places. `size` is in bytes, 0 for a pipe.
    """

    def __init__(self, source: str, *, reads: bool = False) -> None:
        """Unavailable when there is no such file, or no recording in the folder."""
        self._reads = reads
        self._files = None if source == STDIN else _files(Path(source))
        self.size = sum(file.stat().st_size for file in self._files or ())
        self.undelivered: Counter[str] = Counter()
        self.unreadable = 0
        self.examples: list[str] = []
        self._read, self._reading = 0, None if self._files else sys.stdin.buffer

    def __iter__(self) -> Iterator[Event]:
        if self._files is None:
            yield from self._events("standard input", sys.stdin.buffer)
        for file in self._files or ():
            with file.open("rb") as self._reading:
                yield from self._events(str(file), self._reading)
            self._read, self._reading = self._read + file.stat().st_size, None

    @property
    def done(self) -> int:
        """How many of the bytes were read."""
        return self._read + (self._reading.tell() if self._reading and self.size else 0)

    def _events(self, name: str, raw: IO[bytes]) -> Iterator[Event]:
        try:
            for place, value in values(raw):
                for thing in things(value):
                    yield from self._event(f"{name}:{place}", thing)
        except (EOFError, zlib.error, OSError) as exc:
            self._not_read(f"{name}: cannot be read to its end: {exc}")

    def _event(self, place: str, thing: Any) -> Iterator[Event]:
        if isinstance(thing, Broken):
            self._not_read(f"{place}: {thing.reason}")
            return
        try:
            event = event_of(thing)
        except ValueError as exc:
            self._not_read(f"{place}: {exc}")
            return
        if only_reads(event) and not self._reads:
            self.undelivered[ONLY_READS] += 1
            return
        yield event

    def _not_read(self, what: str) -> None:
        self.unreadable += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(what)


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    if not source.is_dir():
        raise Unavailable(f"there is no file or folder {source}; `-` reads standard input")
    found = sorted(file for file in source.rglob("*") if file.is_file() and file.name.endswith(ENDINGS))
    if not found:
        raise Unavailable(f"{source} holds no recording: none of its files ends in {', '.join(ENDINGS)}")
    return found
