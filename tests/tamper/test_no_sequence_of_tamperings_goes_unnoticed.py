"""Whatever is done to a chain, in whatever order: it is found as long as the export keeps its copies."""

from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edsr.audit import START, Head, verify
from edsr.model import Kind
from tests.tamper.audits import Audit, Pieces, Whole, found, untouched
from tests.tamper.chains import MONTH, NEXT_MONTH, a_chain, head_of
from tests.tamper.operator import Operator
from tests.tamper.trying import OPERATORS, genuine

LONGEST = 12
WHOLE = genuine(LONGEST)
AUDITS = [untouched(WHOLE.chain_id, WHOLE.records[:length]) for length in range(1, LONGEST + 1)]
NAMED = {one.name: one for one in OPERATORS}
DONE = st.lists(
    st.tuples(st.sampled_from([one for one in OPERATORS if not one.month]), st.integers(0, LONGEST)),
    min_size=1,
    max_size=4,
)


def keeps_its_copies(before: Audit, after: Audit) -> bool:
    return after.chain_id == before.chain_id and all(copy in after.copies for copy in before.copies)


def tampered(whole: Audit, done: list[tuple[Operator, int]]) -> Audit:
    """The audit after each operator that can be done to what is left, and that leaves the export its copies."""
    audit = whole
    for operator, place in done:
        positions = operator.positions(len(audit.records))
        after = operator.act(audit, positions[place % len(positions)]) if positions else audit
        audit = after if keeps_its_copies(whole, after) else audit
    return audit


def is_changed(whole: Audit, audit: Audit) -> bool:
    ordered = sorted(audit.records, key=lambda record: record.seq)
    return (ordered, audit.head) != (whole.records, whole.head) or any(
        copy not in whole.copies for copy in audit.copies
    )


def is_grown(whole: Audit, audit: Audit) -> bool:
    """What was added, rightly linked, remembered and exported in its order or not yet, is what a stage would have
    written: to do it takes the right to write both tables, and the export."""
    ordered = sorted(audit.records, key=lambda record: record.seq)
    exported = [record for record in ordered if record in audit.copies]
    in_order = exported == ordered[: len(exported)] and all(copy in ordered for copy in audit.copies)
    same = ordered[: len(whole.records)] == [*whole.records] and in_order
    return same and audit.head == head_of(ordered) and not verify(audit.chain_id, ordered, audit.head)


@settings(max_examples=500)
@example(AUDITS[0], [(NAMED["append"], 0), (NAMED["rewrite-head"], 1)])
@example(AUDITS[1], [(NAMED["append"], 1), (NAMED["rewrite-beside"], 8)])
@given(st.sampled_from(AUDITS), DONE)
def test_what_really_changes_the_chain_is_found_and_nothing_else_is(
    whole: Audit, done: list[tuple[Operator, int]]
) -> None:
    audit = tampered(whole, done)
    assert (found(audit, Whole()) is not None) == (is_changed(whole, audit) and not is_grown(whole, audit))


@settings(max_examples=300)
@given(st.sampled_from(AUDITS), DONE)
def test_checking_a_few_records_at_a_time_finds_what_checking_them_all_finds(
    whole: Audit, done: list[tuple[Operator, int]]
) -> None:
    audit = tampered(whole, done)
    assert found(audit, Pieces(whole)) == found(audit, Whole())


@settings(max_examples=300)
@given(st.sampled_from(AUDITS), DONE, st.integers(0, LONGEST))
def test_from_the_head_of_what_nobody_touched_the_flaws_are_those_of_the_whole_chain(
    whole: Audit, done: list[tuple[Operator, int]], cut: int
) -> None:
    audit = tampered(whole, done)
    records = sorted(audit.records, key=lambda record: record.seq)
    kept = 0
    while kept < min(cut, len(records), len(whole.records)) and records[kept] == whole.records[kept]:
        kept += 1
    start, rest = head_of(records[:kept]), records[kept:]
    assert verify(audit.chain_id, rest, audit.head, start=start) == verify(audit.chain_id, records, audit.head)


def test_a_month_of_control_records_goes_on_where_the_month_before_ended() -> None:
    before = a_chain(MONTH, 5, kinds=[Kind.CONTROL])
    start = Head(0, before[-1].hash)
    month = a_chain(NEXT_MONTH, 5, kinds=[Kind.CONTROL], start=start)
    assert (month[0].seq, month[0].prev) == (1, before[-1].hash)
    assert verify(NEXT_MONTH, month, head_of(month), start=start) == []
    assert verify(NEXT_MONTH, [], start, start=start) == []
    assert [flaw.seq for flaw in verify(NEXT_MONTH, month, head_of(month), start=START)] == [1]


def test_an_export_that_was_written_beside_the_genuine_one_is_no_way_out() -> None:
    short = AUDITS[4]
    again = next(one for one in OPERATORS if one.name == "rewrite-beside").act(short, 2)
    last_wins = replace(again, copies=[*short.copies[:1], *again.records[1:]])
    by_anchor = found(last_wins, Whole())
    assert by_anchor is not None
    assert (by_anchor.by, by_anchor.flaw.seq) == ("anchor", 2)
    assert found(replace(last_wins, seen={}), Whole()) is None
    seen = found(again, Whole())
    assert seen is not None
    assert (seen.by, seen.flaw.seq) == ("export", 2)
