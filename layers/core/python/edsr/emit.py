"""Emit: tell EDSR of what you see. This file needs Python 3.11 and nothing else: copy it, or import it.

emit(boto3.client("events"), [entry("com.example.checkout", signal(
    "payments-stuck", "arn:aws:sqs:eu-west-1:111122223333:payments", kind="sqs:queue",
    identity="batch-4711", at=datetime.now(UTC), title="Batch 4711 makes no progress"))])
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

VERSION, DETAIL_TYPE, BUS = 1, "EDSR Signal", "edsr"
ENTRIES, ENTRIES_BYTES = 10, 200_000
"""What PutEvents takes at once: this many, and 256 KB of which what stands around them needs some."""

SOURCE = re.compile(r"(?!aws\.)(?!edsr$)[\w.-]{1,256}")
"""Names that AWS and the suite keep for themselves are not given."""


class NotEmitted(Exception):
    """Events that the bus did not take, with what it says; the others it has taken. Sending all again does no harm."""

    def __init__(self, message: str, entries: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.entries = entries


def signal(  # noqa: PLR0913 - each is a field of the contract
    condition: str,
    arn: str,
    *,
    identity: str,
    at: datetime,
    kind: str = "custom",
    state: str = "problem",
    title: str = "",
    severity: str = "medium",
    labels: Mapping[str, str] | None = None,
    link: str = "",
) -> dict[str, Any]:
    """A signal, as its JSON Schema (policies/schemas/signal.schema.json) has it; `at` needs its offset."""
    if at.tzinfo is None:
        raise ValueError("a time needs its offset, such as datetime.now(UTC) has")
    return {
        "v": VERSION,
        "id": identity,
        "condition": condition,
        "subject": {"arn": arn, "kind": kind},
        "at": at.isoformat(),
        "state": state,
        "title": title,
        "severity": severity,
        "labels": dict(labels or {}),
        "link": link,
    }


def entry(source: str, detail: Mapping[str, Any], detail_type: str = DETAIL_TYPE, bus: str = BUS) -> dict[str, Any]:
    """An entry of PutEvents; ValueError when the source is one that is reserved, or the detail too large."""
    if not SOURCE.fullmatch(source):
        raise ValueError(f"{source!r} cannot be a source: letters, digits, `.`, `_`, `-`; not aws.*, not edsr")
    text = json.dumps(detail)
    if len(text) > ENTRIES_BYTES:
        raise ValueError(f"the detail has {len(text)} bytes; {ENTRIES_BYTES} are taken")
    return {"Source": source, "DetailType": detail_type, "Detail": text, "EventBusName": bus}


def emit(events: Any, entries: Iterable[Mapping[str, Any]]) -> int:
    """Send entries with a client of EventBridge; how many. NotEmitted has those that were not taken."""
    left: list[dict[str, Any]] = []
    said, sent = set(), 0
    for batch in batches(entries):
        answer = events.put_events(Entries=batch)
        for one, result in zip(batch, answer["Entries"], strict=True):
            if code := result.get("ErrorCode"):
                left.append(one)
                said.add(str(code))
        sent += len(batch)
    if left:
        raise NotEmitted(f"{len(left)} of {sent} events were not taken: {', '.join(sorted(said))}", left)
    return sent


def batches(entries: Iterable[Mapping[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """As many as PutEvents takes at once."""
    batch: list[dict[str, Any]] = []
    size = 0
    for one in entries:
        length = len(one["Detail"])
        if batch and (len(batch) == ENTRIES or size + length > ENTRIES_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(dict(one))
        size += length
    if batch:
        yield batch
