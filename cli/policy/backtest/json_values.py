"""The JSON values of a stream, one at a time: lines, arrays, files that list them under one key; plain or gzip."""

import gzip
import io
import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any, NamedTuple, cast

from cli.policy.backtest.envelope import LISTS

CHUNK = 1 << 20
GZIP = b"\x1f\x8b"
LARGEST = 64 << 20
"""Characters; a single value is never longer. What is longer is no recording, and is not read into memory."""

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,\[\]}]*")
_LISTING = re.compile(rf'\{{\s*"(?:{"|".join(LISTS)})"\s*:\s*\[')


class Broken(NamedTuple):
    """What is no JSON, and why."""

    reason: str


def values(raw: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """Every value with its place, a line or a character; what is no JSON as `Broken`.

    A stream whose first line is JSON by itself is read by lines, so that a broken one costs only itself.
    """
    plain = io.BufferedReader(cast(io.RawIOBase, raw), CHUNK)
    try:
        with ExitStack() as opened:
            stream = opened.enter_context(_unpacked(plain)) if plain.peek(2)[:2] == GZIP else plain
            yield from _lines(stream) if _by_lines(stream.peek(CHUNK)) else _scanned(stream)
    finally:
        plain.detach()  # what was handed in is closed by who opened it


def _unpacked(packed: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=packed)), CHUNK)


def _by_lines(head: bytes) -> bool:
    first, _, rest = head.lstrip().partition(b"\n")
    if first.startswith(b"[") or (not rest.strip() and _LISTING.match(first.decode("utf-8", "replace"))):
        return False
    try:
        json.loads(first)
    except ValueError:
        return bool(rest) and not first.rstrip().endswith((b"{", b"[", b","))
    return True


def _lines(stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(iter(lambda: stream.readline(LARGEST), b""), 1):
        if line.isspace():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except (ValueError, RecursionError) as exc:
            yield f"line {number}", Broken(f"not JSON: {exc}")


def _scanned(stream: IO[bytes]) -> Iterator[tuple[str, Any]]:
    """Values one after the other; the brackets and commas of what lists them are passed over."""
    reader = io.TextIOWrapper(cast(Any, stream), encoding="utf-8", errors="replace")
    try:
        yield from _one_by_one(reader)
    finally:
        reader.detach()


def _one_by_one(reader: IO[str]) -> Iterator[tuple[str, Any]]:
    text, position, before = reader.read(CHUNK), 0, 0
    while True:
        position = _next(text, position)
        try:
            value, end = _DECODER.raw_decode(text, position) if position < len(text) else (None, position)
        except (ValueError, RecursionError) as exc:
            end, reason = position, str(exc)
        else:
            reason = ""
        if end > position:
            yield f"character {before + position}", value
            position = end
            continue
        rest = text[position:]
        more = reader.read(max(CHUNK, len(rest))) if len(rest) < LARGEST else ""
        if not more:
            if rest:
                yield f"character {before + position}", Broken(f"not JSON: {reason}; the rest is not read")
            return
        text, before, position = rest + more, before + position, 0


def _next(text: str, position: int) -> int:
    """Where the next value begins: past what stands between values, and past the opening of a list of them."""
    while True:
        begun = position
        if between := _BETWEEN.match(text, position):
            position = between.end()
        if listing := _LISTING.match(text, position):
            position = listing.end()
        if position == begun:
            return position
