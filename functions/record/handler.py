"""record's function: the audit's stream becomes an export in S3, announcements on the bus, and metrics."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from edsr.audit import read
from edsr.aws.exported import lines
from edsr.aws.faults import named
from edsr.aws.items import plain
from edsr.aws.objects import put_once
from edsr.declare import Function, Permission
from edsr.errors import EdsrError, Transient
from edsr.model import AuditRecord
from edsr.protocol.keys import RECENT
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Record
from edsr.times import parse
from record.announce import announcement, detail_type
from record.drafting import draft
from record.measuring import measure
from record.recent import remember

ENTRIES = 10
"""PutEvents takes at most this many entries."""

ENTRIES_BYTES = 200_000
"""And 256 KB, all of them together; a detail is ASCII, and what stands around it needs some room too."""

TRIES = 3

BY_TTL = ("Service", "dynamodb.amazonaws.com")
"""Who removes a row whose time is over, as the stream says."""


class Streamed(NamedTuple):
    """A record and its place in the stream."""

    sequence: str
    record: AuditRecord


def run(event: Event, runtime: Runtime[Record]) -> dict[str, Any]:
    """Handle a batch of the audit's stream. It stops at the first record that fails; Lambda comes back from there."""
    streamed: list[Streamed] = []
    failed: str | None = None
    for change in event["Records"]:
        sequence = change["dynamodb"]["SequenceNumber"]
        if change["eventName"] != "INSERT":
            _changed(change, runtime)
            continue
        try:
            streamed.append(Streamed(sequence, _record(change["dynamodb"]["NewImage"])))
        except (ValidationError, KeyError) as exc:
            runtime.log.exception("not an audit record", extra={"sequence": sequence, "reason": str(exc)})
            failed = sequence
            break
    try:
        _publish(streamed, runtime)
    except EdsrError as exc:
        runtime.log.warning("not published", extra={"reason": str(exc)})
        failed = streamed[0].sequence
    return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}


def _publish(streamed: list[Streamed], runtime: Runtime[Record]) -> None:
    if not streamed:
        return
    _export(streamed, runtime)
    records = [item.record for item in streamed]
    _announce(records, draft(records, runtime), runtime)
    remember(records, runtime)
    measure(records, runtime)


def _record(image: dict[str, Any]) -> AuditRecord:
    return read(plain(image))


def _export(streamed: list[Streamed], runtime: Runtime[Record]) -> None:
    """One object for each day in a batch; its key follows from what is in it, so that a repetition finds it there."""
    days: dict[str, list[Streamed]] = {}
    for item in streamed:
        days.setdefault(item.record.ts[:10], []).append(item)
    for day, items in days.items():
        _put_object(f"audit/dt={day}/{items[0].sequence}-{items[-1].sequence}.jsonl.gz", items, runtime)


def _put_object(key: str, items: list[Streamed], runtime: Runtime[Record]) -> None:
    s3, bucket = runtime.clients("s3"), runtime.settings.export_bucket
    with named("exporting the audit"):
        if not put_once(s3, bucket, key, lines(item.record for item in items), "application/gzip"):
            runtime.log.info("exported before", extra={"key": key})


def _announce(records: list[AuditRecord], drafted: Mapping[str, str], runtime: Runtime[Record]) -> None:
    bus = runtime.settings.bus
    entries = [entry for record in records if (entry := _entry(record, bus, drafted.get(record.hash)))]
    for call in _calls(entries):
        _put(call, runtime)


def _calls(entries: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The entries of each call: neither too many nor, together, too large."""
    calls: list[list[dict[str, Any]]] = []
    size = 0
    for entry in entries:
        length = len(entry["Detail"])
        if not calls or len(calls[-1]) == ENTRIES or size + length > ENTRIES_BYTES:
            calls.append([])
            size = 0
        calls[-1].append(entry)
        size += length
    return calls


def _entry(record: AuditRecord, bus: str, drafted: str | None) -> dict[str, Any] | None:
    detail = announcement(record, drafted)
    if detail is None:
        return None
    return {
        "EventBusName": bus,
        "Source": "edsr",
        "DetailType": detail_type(record),
        "Time": parse(record.ts),
        "Detail": json.dumps(detail),
    }


def _put(entries: list[dict[str, Any]], runtime: Runtime[Record]) -> None:
    """The bus answers 200 also when it refused some: those are sent again."""
    events = runtime.clients("events")
    for _ in range(TRIES):
        with named("announcing"):
            answer = events.put_events(Entries=entries)
        if not answer["FailedEntryCount"]:
            return
        entries = [entry for entry, result in zip(entries, answer["Entries"], strict=True) if "ErrorCode" in result]
    raise Transient(f"the bus refused {len(entries)} announcements {TRIES} times")


def _changed(change: dict[str, Any], runtime: Runtime[Record]) -> None:
    """An audit row is only ever removed by its own TTL; anything else is tampering, and alarms."""
    identity = change.get("userIdentity") or {}
    if change["eventName"] == "REMOVE" and (identity.get("type"), identity.get("principalId")) == BY_TTL:
        return
    keys = plain(change["dynamodb"].get("Keys", {}))
    runtime.log.error(
        "audit row changed", extra={"event": change["eventName"], "pk": keys.get("pk"), "seq": keys.get("seq")}
    )
    runtime.count("AuditTampered")


handler = Handler(
    run,
    Function(
        settings=Record,
        permissions=(
            Permission(
                actions=(
                    "dynamodb:DescribeStream",
                    "dynamodb:GetRecords",
                    "dynamodb:GetShardIterator",
                ),
                on="audit-stream",
            ),
            Permission(actions=("dynamodb:Query",), on="audit-table"),
            Permission(actions=("dynamodb:PutItem",), on="state-table", keys=(RECENT,)),
            Permission(actions=("s3:PutObject",), on="export-records"),
            Permission(actions=("s3:PutObject",), on="export-drafts"),
            Permission(actions=("events:PutEvents",), on="suite-bus"),
        ),
        timeout=60,
    ),
)
