"""Whoever changes, removes, inserts, swaps, repeats, renumbers or moves a record is found, and the record named.

What the flaws say; that nothing goes unnoticed, wherever and in whatever combination, is shown in tests/tamper.
"""

import hashlib
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from edsr import audit
from edsr.audit import GENESIS, START, Flaw, Head
from edsr.model import AuditRecord, Kind
from tests.things import AT

LENGTH = 6
INCIDENT, OTHER = "i-" + "1" * 26, "i-" + "2" * 26
KINDS = (Kind.DECISION, Kind.PLAN, Kind.INTENT, Kind.OUTCOME, Kind.CLOSE, Kind.CONTROL)


def a_chain(incident: str = INCIDENT, length: int = LENGTH, said: str = "as it was") -> list[AuditRecord]:
    chain: list[AuditRecord] = []
    head = START
    for n in range(length):
        record = audit.link(head, incident, KINDS[n % 6], {"said": said, "n": n}, actor="test", at=AT, mode="automatic")
        chain.append(record)
        head = Head(record.seq, record.hash)
    return chain


CHAIN = a_chain()
HEAD = Head(LENGTH, CHAIN[-1].hash)
POSITIONS = range(1, LENGTH + 1)


def changed(record: AuditRecord, **changes: Any) -> AuditRecord:
    return record.model_copy(update=changes)


def rehashed(record: AuditRecord) -> AuditRecord:
    return changed(record, hash=audit.hash_of(record))


def without(seq: int) -> list[AuditRecord]:
    return [record for record in CHAIN if record.seq != seq]


def replaced(seq: int, *records: AuditRecord) -> list[AuditRecord]:
    return [*CHAIN[: seq - 1], *records, *CHAIN[seq:]]


def flaws(records: list[AuditRecord], head: Head | None = HEAD) -> list[Flaw]:
    return audit.verify(INCIDENT, records, head)


def first(records: list[AuditRecord], head: Head | None = HEAD) -> Flaw:
    return flaws(records, head)[0]


def test_the_golden_chain_never_changes() -> None:
    assert CHAIN[0].prev == GENESIS
    assert CHAIN[0].hash == "94eb37e614b74b841a7de7eded22563f1c19e8f584adbe92cbc2b748b159bc4b"
    assert CHAIN[-1].hash == "a10bb02f1c13dbe9265a8eb05122f64bbd98caaa38b6c0203aca75767c78508b"


def test_anybody_can_work_a_hash_out_from_the_published_rule() -> None:
    said = (
        f'{{"actor":"test","body":{{"n":0,"said":"as it was"}},"incident_id":"{INCIDENT}","kind":"DECISION",'
        '"mode":"automatic","seq":1,"ts":"2026-03-02T03:05:00.000Z","v":1}'
    )
    content = hashlib.sha256(said.encode()).digest()
    assert CHAIN[0].hash == hashlib.sha256(b"edsr.audit.v1\0" + GENESIS.encode() + content).hexdigest()


def test_an_untouched_chain_is_intact_in_whatever_order_it_is_read() -> None:
    assert flaws(CHAIN) == []
    assert flaws(list(reversed(CHAIN))) == []
    assert flaws([], START) == []


@pytest.mark.parametrize("seq", POSITIONS)
@pytest.mark.parametrize(
    "change",
    [
        {"body": {"said": "another thing", "n": 0}},
        {"body": {}},
        {"body": {"n": 1.5}},
        {"body": {"n": {1, 2}}},
        {"kind": Kind.SUPPRESSED},
        {"actor": "somebody"},
        {"ts": "2026-03-02T03:05:00.001Z"},
        {"mode": "observe"},
        {"hash": "0" * 64},
        {"prev": "f" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_record_is_named(seq: int, change: dict[str, Any]) -> None:
    found = first(replaced(seq, changed(CHAIN[seq - 1], **change)))
    assert found.seq == seq
    assert "was changed" in found.what


@pytest.mark.parametrize(
    ("was", "is_now"),
    [
        ("0.1", Decimal("0.1")),
        ("0.1", 0.1),
        (1, True),
        (1, 1.0),
        (1, Decimal(1)),
        (["eu", "us"], {"eu", "us"}),
        ("caf\u00e9", unicodedata.normalize("NFD", "caf\u00e9")),
        ("\u212b", "\u212b"),
    ],
)
def test_a_value_that_only_reads_like_what_was_written_is_a_change(was: Any, is_now: Any) -> None:
    record = audit.link(START, INCIDENT, Kind.INTENT, {"said": was}, actor="test", at=AT, mode="automatic")
    head = Head(1, record.hash)
    assert flaws([record], head) == []
    found = first([changed(record, body={"said": is_now})], head)
    assert (found.seq, "was changed" in found.what) == (1, True)


@pytest.mark.parametrize("field", ["actor", "mode"])
def test_all_of_a_record_is_kept_in_the_form_that_was_hashed(field: str) -> None:
    said = {"actor": "test", "mode": "automatic"} | {field: "cafe\u0301"}
    record = audit.link(START, INCIDENT, Kind.INTENT, {}, at=AT, **said)
    assert getattr(record, field) == "caf\u00e9"
    assert flaws([record], Head(1, record.hash)) == []


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_chain_may_be_checked_from_any_record_on(seq: int) -> None:
    before = Head(seq - 1, CHAIN[seq - 2].hash) if seq > 1 else START
    assert audit.verify(INCIDENT, CHAIN[seq - 1 :], HEAD, start=before) == []
    other = audit.verify(INCIDENT, CHAIN[seq - 1 :], HEAD, start=Head(before.seq, "f" * 64))
    assert [(flaw.seq, "does not follow" in flaw.what) for flaw in other] == [(seq, True)]


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_record_changed_with_its_hash_worked_out_again_is_named_by_the_next_or_by_the_head(seq: int) -> None:
    found = first(replaced(seq, rehashed(changed(CHAIN[seq - 1], actor="somebody"))))
    assert found.seq == min(seq + 1, LENGTH)
    assert "does not follow" in found.what or "the chain was rewritten" in found.what


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_removed_record_is_named(seq: int) -> None:
    found = first(without(seq))
    assert found.seq == seq
    assert "removed" in found.what


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_record_removed_with_the_others_moved_up_is_named(seq: int) -> None:
    moved_up = [changed(record, seq=record.seq - (record.seq > seq)) for record in without(seq)]
    found = first(moved_up)
    assert found.seq == seq
    assert ("was changed" in found.what) == (seq < LENGTH)


@pytest.mark.parametrize("seq", POSITIONS)
def test_an_inserted_record_is_named(seq: int) -> None:
    forged = rehashed(changed(CHAIN[seq - 1], body={"said": "never"}))
    assert "stands twice" in first([*CHAIN, forged]).what
    assert first([*CHAIN, forged]).seq == seq
    assert first([forged, *CHAIN]).seq == seq


@pytest.mark.parametrize("seq", POSITIONS)
def test_an_inserted_record_with_the_others_moved_down_is_named(seq: int) -> None:
    head = Head(seq - 1, CHAIN[seq - 2].hash if seq > 1 else GENESIS)
    forged = audit.link(head, INCIDENT, Kind.OUTCOME, {"said": "never"}, actor="x", at=AT, mode="automatic")
    moved_down = [changed(record, seq=record.seq + (record.seq >= seq)) for record in CHAIN]
    assert first(sorted([*moved_down, forged], key=lambda record: record.seq)).seq == seq + 1


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_repeated_record_is_named(seq: int) -> None:
    assert first([*CHAIN, CHAIN[seq - 1]]) == Flaw(
        INCIDENT, seq, f"{CHAIN[seq - 1].kind} stands twice: one of them was inserted"
    )


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_renumbered_record_leaves_a_gap_that_is_named(seq: int) -> None:
    found = first(replaced(seq, changed(CHAIN[seq - 1], seq=LENGTH + 3)))
    assert found.seq == seq
    assert "removed" in found.what


@pytest.mark.parametrize("seq", range(1, LENGTH))
def test_two_records_that_changed_places_are_both_named(seq: int) -> None:
    one, other = CHAIN[seq - 1], CHAIN[seq]
    swapped = [*CHAIN[: seq - 1], changed(other, seq=seq), changed(one, seq=seq + 1), *CHAIN[seq + 1 :]]
    assert [flaw.seq for flaw in flaws(swapped)][:2] == [seq, seq + 1]


@pytest.mark.parametrize("kept", range(LENGTH))
def test_a_missing_tail_is_found_by_what_the_incident_remembers(kept: int) -> None:
    found = first(CHAIN[:kept])
    assert found.seq == kept + 1
    assert "removed from the end: the incident remembers 6 records" in found.what


@pytest.mark.parametrize("kept", range(LENGTH))
def test_without_the_incidents_memory_a_missing_tail_is_not_found(kept: int) -> None:
    assert flaws(CHAIN[:kept], head=None) == []


def test_a_record_added_at_the_end_is_found_by_what_the_incident_remembers() -> None:
    more = audit.link(HEAD, INCIDENT, Kind.CLOSE, {}, actor="x", at=AT, mode="automatic")
    assert first([*CHAIN, more]).seq == LENGTH + 1
    assert "added at the end" in first([*CHAIN, more]).what


@pytest.mark.parametrize("seq", POSITIONS)
def test_a_record_moved_from_another_incident_is_named(seq: int) -> None:
    stray = a_chain(OTHER)[seq - 1]
    assert first(replaced(seq, stray)) == Flaw(INCIDENT, seq, f"belongs to {OTHER}: it was moved here")
    renamed = first(replaced(seq, changed(stray, incident_id=INCIDENT)))
    assert (renamed.seq, "was changed" in renamed.what) == (seq, True)


def test_a_chain_rewritten_with_right_hashes_is_found_by_the_head() -> None:
    rewritten = a_chain(said="as it suits me")
    assert flaws(rewritten, head=None) == []
    assert first(rewritten) == Flaw(
        INCIDENT, LENGTH, "is not the last record the incident remembers: the chain was rewritten"
    )


def test_a_chain_rewritten_together_with_its_head_is_found_only_by_an_anchor_outside() -> None:
    rewritten = a_chain(said="as it suits me")
    forged_head = Head(LENGTH, rewritten[-1].hash)
    assert flaws(rewritten, forged_head) == []
    anchored = HEAD
    assert first(rewritten, anchored).seq == LENGTH


def test_a_number_beyond_all_bounds_is_named_at_once() -> None:
    far = CHAIN[-1].model_copy(update={"seq": 10**30})
    (flaw,) = audit.verify(INCIDENT, [*CHAIN[:-1], far])
    assert flaw.what == f"removed (missing: {len(CHAIN)} to {10**30 - 1})"


def test_a_flaw_reads_as_a_sentence() -> None:
    assert str(Flaw(INCIDENT, 2, "removed (missing: 2)")) == f"{INCIDENT} record 2: removed (missing: 2)"
