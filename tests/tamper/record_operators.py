"""Operators on the records of one chain: changed, removed, added, moved, linked anew; nothing else is touched."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from edsr.model import AuditRecord
from tests.tamper.audits import Audit
from tests.tamper.forging import (
    another_kind,
    before,
    changed,
    decomposed,
    flipped,
    forged,
    moved,
    of_another_incident,
    put,
    rehashed,
    rewritten,
    said_otherwise,
    without,
)
from tests.tamper.operator import CHAIN, CHAIN_NEXT, HEAD, HEAD_LAST, Operator


def _row(name: str, about: str, make: Callable[[Audit, int], list[AuditRecord]], *rest: Any, **more: Any) -> Operator:
    """An operator that gives the table other records."""
    return Operator(name, about, lambda whole, at: replace(whole, records=make(whole, at)), *rest, **more)


def _change(field: str, about: str, make: Callable[[AuditRecord, int], Any]) -> Operator:
    """An operator that gives one field of a record another value."""

    def act(whole: Audit, at: int) -> list[AuditRecord]:
        record = whole.records[at - 1]
        return put(whole, at, changed(record, **{field: make(record, at)}))

    return _row(f"change-{field.replace('_', '-')}", about, act, CHAIN)


def _flip(field: str, about: str) -> Operator:
    return _change(field, about, lambda record, at: flipped(getattr(record, field), at))


def _flip_body(record: AuditRecord, at: int) -> dict[str, Any]:
    return {**record.body, "correlation_id": flipped(record.body["correlation_id"], at)}


def _spelled(whole: Audit, at: int) -> list[AuditRecord]:
    record = whole.records[at - 1]
    return put(whole, at, changed(record, body=decomposed(record.body)))


def _tail_dropped(whole: Audit, at: int) -> list[AuditRecord]:
    return [*whole.records[: at - 1]]


def _dropped_and_closed_up(whole: Audit, at: int) -> list[AuditRecord]:
    return [*whole.records[: at - 1], *moved(whole, -1)[at:]]


def _duplicated(whole: Audit, at: int) -> list[AuditRecord]:
    return [*whole.records, whole.records[at - 1]]


def _inserted(whole: Audit, at: int) -> list[AuditRecord]:
    return [*whole.records[: at - 1], forged(before(whole, at), whole.chain_id), *moved(whole, 1)[at - 1 :]]


def _forked(whole: Audit, at: int) -> list[AuditRecord]:
    return [*whole.records, forged(before(whole, at), whole.chain_id)]


def _forked_first(whole: Audit, at: int) -> list[AuditRecord]:
    return [*reversed(_forked(whole, at))]


def _renumbered(whole: Audit, at: int) -> list[AuditRecord]:
    return put(whole, at, changed(whole.records[at - 1], seq=whole.records[-1].seq + 3))


def _renumbered_as_next(whole: Audit, at: int) -> list[AuditRecord]:
    return put(whole, at, changed(whole.records[at - 1], seq=whole.records[at - 1].seq + 1))


def _in_order(*order: int) -> Callable[[Audit, int], list[AuditRecord]]:
    """The records from a position on in another order, under the numbers of the places they come to."""

    def make(whole: Audit, at: int) -> list[AuditRecord]:
        run = whole.records[at - 1 : at - 1 + len(order)]
        return put(whole, at, *(changed(run[n], seq=place.seq) for n, place in zip(order, run, strict=True)))

    return make


def _bodies_swapped(whole: Audit, at: int) -> list[AuditRecord]:
    one, other = whole.records[at - 1 : at + 1]
    return put(whole, at, changed(one, body=other.body), changed(other, body=one.body))


def _stray(whole: Audit, at: int) -> list[AuditRecord]:
    return put(whole, at, of_another_incident()[at - 1])


def _stray_renamed(whole: Audit, at: int) -> list[AuditRecord]:
    return put(whole, at, changed(of_another_incident()[at - 1], incident_id=whole.chain_id))


def _linked_elsewhere(whole: Audit, at: int) -> list[AuditRecord]:
    record = whole.records[at - 1]
    return put(whole, at, rehashed(changed(record, prev=flipped(record.prev, at))))


def _rehashed(whole: Audit, at: int) -> list[AuditRecord]:
    return put(whole, at, rehashed(said_otherwise(whole.records[at - 1])))


OPERATORS = (
    _change("body", "One bit of a record's body is flipped.", _flip_body),
    _change("kind", "A record is said to be of another kind.", lambda record, _: another_kind(record.kind)),
    _flip("actor", "One bit of who did it is flipped."),
    _flip("ts", "One bit of when it was done is flipped."),
    _flip("mode", "One bit of the mode it was done in is flipped."),
    _flip("prev", "One bit of the hash of the record before is flipped."),
    _flip("hash", "One bit of a record's own hash is flipped."),
    _flip("incident_id", "One bit of the incident that a record is about is flipped."),
    _row("spell", "Text is spelled in other characters that look the same.", _spelled, CHAIN),
    _row("drop", "A record is removed.", without, CHAIN, HEAD),
    _row("drop-close-up", "A record is removed and the later ones move up.", _dropped_and_closed_up, CHAIN, HEAD),
    _row("drop-tail", "A record and all behind it are removed.", _tail_dropped, HEAD),
    _row("duplicate", "A record stands twice.", _duplicated, CHAIN),
    _row("insert", "A forged record, rightly linked, pushes the later ones down.", _inserted, CHAIN_NEXT),
    _row("renumber", "A record is given a number behind the end.", _renumbered, CHAIN),
    _row("renumber-next", "A record is given the number of the next.", _renumbered_as_next, CHAIN),
    _row("swap", "Two neighbours change places.", _in_order(1, 0), CHAIN, places=2),
    _row("swap-bodies", "Two neighbours exchange what they say.", _bodies_swapped, CHAIN, places=2),
    _row("rotate", "Three records in a row change places.", _in_order(2, 0, 1), CHAIN, places=3),
    _row("stray", "A record of another incident stands in place of one.", _stray, CHAIN),
    _row("stray-renamed", "A record of another incident stands in place of one, renamed.", _stray_renamed, CHAIN),
    _row("fork", "A second record has the same number, and is rightly linked.", _forked, CHAIN),
    _row("fork-first", "A second record of the same number is rightly linked, and read first.", _forked_first, CHAIN),
    _row("relink", "A record is linked elsewhere, and its hash is right.", _linked_elsewhere, CHAIN),
    _row("rehash", "A record says something else, and its hash is right.", _rehashed, CHAIN_NEXT, HEAD),
    _row("rewrite", "A record says something else; its hash and all later ones are right.", rewritten, HEAD_LAST),
)
