"""Operators on more than the table: what the incident remembers, the export, other incidents, the month before."""

from dataclasses import replace
from functools import lru_cache

from edsr.audit import Head
from edsr.model import Kind
from tests.tamper.audits import Audit, untouched
from tests.tamper.chains import NEXT_MONTH, OTHER, a_chain, head_of
from tests.tamper.forging import (
    before,
    changed,
    flipped,
    forged,
    of_another_incident,
    put,
    rewritten,
    rewritten_end,
    without,
    young,
)
from tests.tamper.operator import (
    ANCHOR,
    ANCHOR_FIRST,
    CHAIN_FIRST,
    EXPORT,
    EXPORT_FIRST,
    HEAD,
    HEAD_FIRST,
    HEAD_LAST,
    HEAD_NEXT,
    Act,
    Operator,
)


def _appended(whole: Audit, at: int) -> Audit:
    then = young(whole, at)
    return replace(then, records=[*then.records, forged(head_of(then.records), then.chain_id)])


def _forgotten(whole: Audit, at: int) -> Audit:
    """An incident whose chain stood at a position is removed, its records are not."""
    return replace(young(whole, at), head=None)


def _chain_dropped(whole: Audit, at: int) -> Audit:
    return replace(young(whole, at), records=[])


def _moved_to_another(whole: Audit, at: int) -> Audit:
    """Another incident, whose own chain was as long, has this one's records."""
    genuine = of_another_incident()[:at]
    return replace(untouched(OTHER, genuine), records=whole.records[:at])


def _set_back(whole: Audit, at: int) -> Audit:
    return replace(whole, head=before(whole, at))


def _cut(whole: Audit, at: int) -> Audit:
    """A tail is removed and the incident remembers no more than is left."""
    return replace(whole, records=whole.records[: at - 1], head=before(whole, at))


def _rewritten_with_head(whole: Audit, at: int) -> Audit:
    records = rewritten(whole, at)
    return replace(whole, records=records, head=head_of(records))


def _head_spoilt(whole: Audit, at: int) -> Audit:
    last = head_of(whole.records)
    return replace(whole, head=Head(last.seq, flipped(last.hash, at)))


def _exported_again(whole: Audit, at: int) -> Audit:
    tampered = _rewritten_with_head(whole, at)
    return replace(tampered, copies=[*whole.copies, *tampered.records[at - 1 :]])


def _copy_changed(whole: Audit, at: int) -> Audit:
    return replace(whole, copies=put(whole, at, changed(whole.records[at - 1], actor="somebody")))


def _copy_dropped(whole: Audit, at: int) -> Audit:
    return replace(whole, copies=without(whole, at))


def _incident_dropped(whole: Audit, at: int) -> Audit:
    return replace(_chain_dropped(whole, at), head=None)


def _and_export(act: Act) -> Act:
    """The same, with an export that says so too."""

    def both(whole: Audit, at: int) -> Audit:
        tampered = act(whole, at)
        return replace(tampered, copies=tampered.records)

    return both


@lru_cache(maxsize=1)
def _next_month(whole: Audit) -> Audit:
    start = Head(0, head_of(whole.records).hash)
    return untouched(NEXT_MONTH, a_chain(NEXT_MONTH, 3, kinds=[Kind.CONTROL], start=start), start)


def _month_rewritten(whole: Audit, at: int) -> Audit:
    return _month_before(whole, rewritten_end(whole, at))


def _month_cut(whole: Audit, at: int) -> Audit:
    return _month_before(whole, before(whole, at).hash)


def _month_before(whole: Audit, last: str) -> Audit:
    """The month that follows, held against a month whose last hash is another."""
    return replace(_next_month(whole), start=Head(0, last))


OPERATORS = (
    Operator("rewrite-head", "A chain is rewritten, and the incident remembers its end.", _rewritten_with_head, EXPORT),
    Operator("rewrite-beside", "Chain and head are rewritten, and exported once more.", _exported_again, EXPORT),
    Operator("rewrite-all", "Chain, head and export are rewritten.", _and_export(_rewritten_with_head), ANCHOR),
    Operator("append", "A forged record, rightly linked, stands behind the last.", _appended, HEAD_NEXT),
    Operator("head-back", "An incident is made to remember an earlier record.", _set_back, HEAD),
    Operator("head-hash", "One bit of the hash an incident remembers is flipped.", _head_spoilt, HEAD_LAST),
    Operator("cut", "A tail is removed, and the incident remembers what is left.", _cut, EXPORT),
    Operator("cut-all", "A tail is removed from chain and export; the head fits.", _and_export(_cut), ANCHOR),
    Operator("drop-chain", "Every record of an incident is removed.", _chain_dropped, HEAD_FIRST),
    Operator("drop-incident", "An incident is removed, its records stay.", _forgotten, HEAD_FIRST),
    Operator("drop-both", "An incident is removed with all its records.", _incident_dropped, EXPORT_FIRST),
    Operator("drop-all", "Incident, records and copies are removed.", _and_export(_incident_dropped), ANCHOR_FIRST),
    Operator("move-chain", "Another incident is given this one's records.", _moved_to_another, CHAIN_FIRST),
    Operator("change-export", "A record's copy in the export says something else.", _copy_changed, EXPORT),
    Operator("drop-export", "A record's copy is removed from the export.", _copy_dropped, EXPORT, ANCHOR),
    Operator("rewrite-month", "A month of control records is rewritten.", _month_rewritten, CHAIN_FIRST, month=True),
    Operator("cut-month", "A month of control records ends early.", _month_cut, CHAIN_FIRST, month=True),
)
