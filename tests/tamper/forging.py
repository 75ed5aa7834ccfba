"""What somebody with write access can do to records: change them, and work hashes out again by the published rule."""

import hashlib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from edsr import audit
from edsr.audit import Head
from edsr.canonical import digest
from edsr.model import AuditRecord, Kind
from tests.tamper.audits import Audit
from tests.tamper.chains import CORRELATION, OTHER, RECORDS, a_chain, head_of
from tests.things import AT


def changed(record: AuditRecord, **changes: Any) -> AuditRecord:
    """A record with other fields and the hash it had."""
    return record.model_copy(update=changes)


def said_otherwise(record: AuditRecord) -> AuditRecord:
    """A record whose body says something else, with the hash it had."""
    return changed(record, body={**record.body, "reason": "as it suits me"})


def rehashed(record: AuditRecord) -> AuditRecord:
    """The record with the hash that its content asks for."""
    return changed(record, hash=audit.hash_of(record))


def forged(head: Head, chain_id: str) -> AuditRecord:
    """A record that never was, rightly linked to a head."""
    body = {"correlation_id": CORRELATION, "step": 1, "status": "DONE", "target": "never"}
    return audit.link(head, chain_id, Kind.OUTCOME, body, actor="somebody", at=AT, mode="automatic")


def before(whole: Audit, position: int) -> Head:
    """The head that the record at a position follows."""
    return head_of(whole.records[: position - 1], whole.start)


def put(whole: Audit, position: int, *records: AuditRecord) -> list[AuditRecord]:
    """The records with these at a position, in place of as many."""
    return [*whole.records[: position - 1], *records, *whole.records[position - 1 + len(records) :]]


def without(whole: Audit, position: int) -> list[AuditRecord]:
    """The records without the one at a position."""
    return [*whole.records[: position - 1], *whole.records[position:]]


def young(whole: Audit, position: int) -> Audit:
    """The audit as it was when the record at a position was the last."""
    records = whole.records[:position]
    seen = {seq: said for seq, said in whole.seen.items() if seq <= position}
    return replace(whole, records=records, head=head_of(records), copies=whole.copies[:position], seen=seen)


@lru_cache(maxsize=2)
def moved(whole: Audit, by: int) -> list[AuditRecord]:
    """Every record under another number, with the hash it had."""
    return [record.model_copy(update={"seq": record.seq + by}) for record in whole.records]


@lru_cache(maxsize=1)
def rewritten(whole: Audit, position: int) -> list[AuditRecord]:
    """A record says something else, and the hashes of it and of all that follow are right."""
    first = rehashed(said_otherwise(whole.records[position - 1]))
    return [*whole.records[: position - 1], first, *relinked(head_of([first]), whole.records[position:])]


def relinked(head: Head, followers: Sequence[AuditRecord]) -> list[AuditRecord]:
    """Genuine records, their contents as they were, linked to another head."""
    hashes = [head.hash, *_hashes(head.hash, followers)]
    linked = zip(followers, hashes, hashes[1:], strict=False)
    return [changed(record, prev=before, hash=own) for record, before, own in linked]


def rewritten_end(whole: Audit, position: int) -> str:
    """The last hash of a chain that was rewritten from a position on."""
    first = rehashed(said_otherwise(whole.records[position - 1]))
    return [first.hash, *_hashes(first.hash, whole.records[position:])][-1]


def _hashes(last: str, followers: Sequence[AuditRecord]) -> Iterator[str]:
    """The rule itself, written once more."""
    for record in followers:
        last = hashlib.sha256(b"edsr.audit.v1\0" + last.encode() + _content(record)).hexdigest()
        yield last


_contents: dict[int, tuple[AuditRecord, bytes]] = {}


def _content(record: AuditRecord) -> bytes:
    """The digest of all but `prev` and `hash`: the one thing that takes long, and the same at every position."""
    if id(record) not in _contents:
        content = record.model_dump(mode="json", exclude={"prev", "hash"})
        _contents[id(record)] = record, bytes.fromhex(digest(content))
    return _contents[id(record)][1]


@lru_cache(maxsize=1)
def of_another_incident() -> list[AuditRecord]:
    """Another incident's genuine chain."""
    return a_chain(OTHER, RECORDS)


def flipped(text: str, position: int) -> str:
    """The text with one bit of one character flipped."""
    at = position % len(text)
    return text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


def decomposed(body: dict[str, Any]) -> dict[str, Any]:
    """A body whose correlation id reads the same and is made of other characters."""
    return {**body, "correlation_id": unicodedata.normalize("NFD", body["correlation_id"])}


def another_kind(kind: Kind) -> Kind:
    """A kind that it is not."""
    return next(other for other in Kind if other is not kind)
