"""forward's function: invoked by SNS topics and by subscription filters, it puts events on the bus `edsr`."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from edsr.aws.faults import named
from edsr.aws.quarantine import quarantine
from edsr.declare import Function, Permission
from edsr.emit import NotEmitted, emit, entry
from edsr.errors import Malformed, Transient
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Forward
from forward.lines import lines
from forward.notes import notes

SOURCE = "edsr.forward"
"""Of every event that it makes; patterns ask for it."""

PERMISSIONS = (
    Permission(actions=("events:PutEvents",), on="suite-bus"),
    Permission(actions=("sqs:SendMessage",), on="quarantine-queue"),
)


class Made(NamedTuple):
    """An event that was made: its detail type and detail."""

    kind: str
    detail: dict[str, Any]


def run(event: Event, runtime: Runtime[Forward]) -> dict[str, int]:
    """Handle one delivery. What cannot be read is quarantined, by itself; what the bus refuses is tried again, all of
    it: who hears of it twice knows it by its own identity."""
    entries: list[dict[str, Any]] = []
    unread = 0
    for part in _parts(event):
        try:
            made = [Made(*one) for one in (lines(part) if "awslogs" in part else notes(part))]
            entries += [entry(SOURCE, one.detail, one.kind, runtime.settings.bus) for one in made]
        except (Malformed, ValueError) as exc:
            _quarantine(part, str(exc), runtime)
            unread += 1
    with named("forwarding events"):
        try:
            sent = emit(runtime.clients("events"), entries)
        except NotEmitted as exc:
            raise Transient(str(exc)) from exc
    runtime.count("Forwarded", sent, stage="forward")
    return {"forwarded": sent, "quarantined": unread}


def _parts(event: Event) -> Iterator[dict[str, Any]]:
    """Each SNS message of a delivery; a delivery of CloudWatch Logs, or what is neither, whole."""
    records = event.get("Records")
    if isinstance(records, list) and records:
        yield from (one if isinstance(one, dict) else {"odd": one} for one in records)
    else:
        yield event


def _quarantine(part: dict[str, Any], reason: str, runtime: Runtime[Forward]) -> None:
    sqs, queue = runtime.clients("sqs"), runtime.settings.quarantine_queue
    raw = json.dumps(part, sort_keys=True, default=str)
    sha256 = quarantine(sqs, queue, stage="forward", raw=raw, reason=reason, at=runtime.clock())
    runtime.log.warning("quarantined", extra={"reason": reason, "sha256": sha256})
    runtime.count("Quarantined", stage="forward")


handler = Handler(run, Function(settings=Forward, permissions=PERMISSIONS))
