"""The audit: hash-chained records, and the check that names the first thing wrong with a chain."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import ValidationError

from edsr.canonical import plain, written
from edsr.model import AuditRecord, Kind
from edsr.times import iso

GENESIS = "0" * 64
FEW = 10
_DOMAIN = b"edsr.audit.v1\x00"
_SAID = tuple(name for name in AuditRecord.model_fields if name not in ("prev", "hash"))
"""What a hash is over, beside the hash before."""


class Head(NamedTuple):
    """Where a chain stands: the number and the hash of its last record."""

    seq: int
    hash: str


START = Head(0, GENESIS)
"""The head of a chain without records."""


class Flaw(NamedTuple):
    """What is wrong with a chain, and at which record."""

    incident_id: str
    seq: int
    what: str

    def __str__(self) -> str:
        return f"{self.incident_id} record {self.seq}: {self.what}"


def link(
    head: Head, incident_id: str, kind: Kind, body: dict[str, Any], *, actor: str, at: datetime, mode: str
) -> AuditRecord:
    """The next record of a chain; `body` is a JSON value (floats become decimal strings)."""
    said = plain(
        {
            "v": 1,
            "incident_id": incident_id,
            "seq": head.seq + 1,
            "kind": kind.value,
            "body": body,
            "actor": actor,
            "ts": iso(at),
            "mode": mode,
        }
    )
    return AuditRecord.model_validate({**said, "prev": head.hash, "hash": _hash(head.hash, said)})


def read(item: Mapping[str, Any]) -> AuditRecord:
    """A record from its item; pydantic's ValidationError when it holds none."""
    return AuditRecord.model_validate({name: item[name] for name in AuditRecord.model_fields if name in item})


def readable(items: Iterable[Mapping[str, Any]]) -> tuple[list[AuditRecord], list[Flaw]]:
    """The records among items of the table, and a flaw for each item that holds none: it was changed."""
    found: list[AuditRecord] = []
    flaws: list[Flaw] = []
    for item in items:
        try:
            found.append(read(item))
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(map(str, first["loc"]))
            chain = str(item["pk"]).removeprefix("INC#")
            flaws.append(Flaw(chain, item["seq"], f"was changed: {where}: {first['msg']}"))
    return found, flaws


def hash_of(record: AuditRecord) -> str:
    """What the record's hash has to be, given its content and `prev`.

    The content is taken as it stands: `link` wrote it in canonical form, so whatever would have to be put into that
    form first was not written by us.
    """
    return _hash(record.prev, {name: getattr(record, name) for name in _SAID})


def verify(
    incident_id: str, records: Iterable[AuditRecord], head: Head | None = None, *, start: Head = START
) -> list[Flaw]:
    """Check one chain, given in any order; an empty list means it is intact.

    `head` is what the incident itself remembers of its chain's end, so that a missing tail shows. Found are changed,
    removed, inserted, repeated, reordered and truncated records. `start` is the head that the first record follows:
    of what was checked before, or number 0 with the last hash of the month before for a month of control records.
    """
    ordered = sorted(records, key=lambda record: record.seq)
    return list(_walk(incident_id, ordered, start)) + list(_end(incident_id, ordered, head, start))


def _walk(incident_id: str, records: Sequence[AuditRecord], start: Head) -> Iterator[Flaw]:
    expected = start
    for record in records:
        if record.incident_id != incident_id:
            yield Flaw(incident_id, record.seq, f"belongs to {record.incident_id}: it was moved here")
        elif record.seq <= expected.seq:
            yield Flaw(incident_id, record.seq, f"{record.kind} stands twice: one of them was inserted")
        elif record.seq > expected.seq + 1:
            missing = _numbers(expected.seq + 1, record.seq - 1)
            yield Flaw(incident_id, expected.seq + 1, f"removed (missing: {missing})")
        elif not unchanged(record):
            yield Flaw(incident_id, record.seq, f"{record.kind} was changed: its hash does not match its content")
        elif record.prev != expected.hash:
            yield Flaw(
                incident_id, record.seq, f"{record.kind} does not follow record {expected.seq}: one was replaced"
            )
        expected = Head(max(record.seq, expected.seq), record.hash)


def _numbers(first: int, last: int) -> str:
    """All of them where they are few: a record may say any number of itself."""
    return ", ".join(map(str, range(first, last + 1))) if last - first < FEW else f"{first} to {last}"


def unchanged(record: AuditRecord) -> bool:
    """Whether a record's hash is that of what it says; what cannot be hashed, such as a float, we never wrote."""
    try:
        return hash_of(record) == record.hash
    except (TypeError, ValueError):
        return False


def _end(incident_id: str, records: Sequence[AuditRecord], head: Head | None, start: Head) -> Iterator[Flaw]:
    if head is None:
        return
    last = Head(records[-1].seq, records[-1].hash) if records else start
    if last.seq < head.seq:
        yield Flaw(incident_id, last.seq + 1, f"removed from the end: the incident remembers {head.seq} records")
    elif last.seq > head.seq:
        yield Flaw(incident_id, head.seq + 1, f"added at the end: the incident remembers {head.seq} records")
    elif last.hash != head.hash:
        yield Flaw(incident_id, last.seq, "is not the last record the incident remembers: the chain was rewritten")


def _hash(prev: str, said: dict[str, Any]) -> str:
    return hashlib.sha256(_DOMAIN + prev.encode() + hashlib.sha256(written(said)).digest()).hexdigest()
