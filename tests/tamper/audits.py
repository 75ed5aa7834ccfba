"""What there is to check of one chain, and what it takes to see that something is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter, is_
from typing import NamedTuple, Protocol

from cli.audit import against_export, orphaned
from edsr.anchors import against
from edsr.audit import START, Flaw, Head, verify
from edsr.model import AuditRecord
from tests.tamper.chains import head_of


@dataclass(frozen=True, eq=False)
class Audit:
    """One chain as it stands in the table, the head its incident remembers, the export's copies of it, and what anchors
    saw of it: here of every record, as if one had been signed after each."""

    chain_id: str
    records: Sequence[AuditRecord] = field(repr=False)
    head: Head | None
    copies: Sequence[AuditRecord] = field(repr=False)
    seen: Mapping[int, str] = field(repr=False)
    start: Head = START


def untouched(chain_id: str, records: Sequence[AuditRecord], start: Head = START) -> Audit:
    """Table, incident, export and anchors say the same."""
    seen = {record.seq: record.hash for record in records}
    return Audit(chain_id, records, head_of(records, start), records, seen, start)


class By(StrEnum):
    """What finds a tampering, from the nearest to the farthest."""

    CHAIN = "chain"
    HEAD = "head"
    EXPORT = "export"
    ANCHOR = "anchor"


class Found(NamedTuple):
    """What found a tampering, and the first flaw it names."""

    by: By
    flaw: Flaw


class Look(Protocol):
    """A way to check an audit: each gives the first flaw, or None."""

    def chain(self, audit: Audit, head: Head | None) -> Flaw | None:
        """The chain's own, held against a head or against none."""

    def export(self, audit: Audit) -> Flaw | None:
        """Where table and export differ."""


def anchored(audit: Audit) -> Flaw | None:
    """Where the export is not what anchors saw."""
    return _first(against(audit.chain_id, audit.seen, [(copy.seq, copy.hash) for copy in audit.copies]))


class Whole:
    """Every record is checked, as `edsr audit verify` does."""

    def chain(self, audit: Audit, head: Head | None) -> Flaw | None:
        """By every record."""
        return _first(verify(audit.chain_id, audit.records, head, start=audit.start))

    def export(self, audit: Audit) -> Flaw | None:
        """By every record and every copy."""
        return _first(against_export(audit.chain_id, audit.records, audit.copies))


class Pieces:
    """A few records are checked at a time, from the first that is not the genuine chain's own; the flaw is the same.

    A check of a chain knows nothing of earlier records but the head it starts from. A check against the export knows
    nothing of other records but how far the export has come.
    """

    def __init__(self, genuine: Audit) -> None:
        self._genuine = genuine
        self._clean: tuple[Audit, list[AuditRecord]] | None = None

    def chain(self, audit: Audit, head: Head | None) -> Flaw | None:
        """By the first pieces until one is flawed, twice as long each time; the last is held against the head."""
        if self._clean and _same_chain(audit, self._clean[0]) and audit.records is self._clean[0].records:
            records, at = self._clean[1], len(audit.records) - 1
        else:
            records = sorted(audit.records, key=attrgetter("seq"))
            at = min(self._shared(audit, records), len(records) - 1)
        at, size = max(at, 0), 2
        while True:
            piece, ends = records[at : at + size], at + size >= len(records)
            start = head_of(records[at - 1 : at], audit.start) if at else audit.start
            if flaws := verify(audit.chain_id, piece, head if ends else None, start=start):
                return flaws[0]
            if ends:
                break
            at, size = at + size, size * 2
        self._clean = audit, records
        return None

    def _shared(self, audit: Audit, records: Sequence[AuditRecord]) -> int:
        """How many records from the first on are the genuine chain's own."""
        if not _same_chain(audit, self._genuine):
            return 0
        same = map(is_, records, self._genuine.records)
        return next((n for n, one in enumerate(same) if not one), min(len(records), len(self._genuine.records)))

    def export(self, audit: Audit) -> Flaw | None:
        """By the numbers under which anything stands that is not its own copy, and the last copy."""
        same = set(map(id, audit.records)) & set(map(id, audit.copies))
        asked = {record.seq for record in (*audit.records, *audit.copies) if id(record) not in same}
        asked.add(max(map(attrgetter("seq"), audit.copies), default=0))
        records = [record for record in audit.records if record.seq in asked]
        return _first(against_export(audit.chain_id, records, [copy for copy in audit.copies if copy.seq in asked]))


def found(audit: Audit, look: Look) -> Found | None:
    """What finds something wrong: the chain by itself, else the incident's head, the export, or an anchor."""
    if flaw := look.chain(audit, None):
        return Found(By.CHAIN, flaw)
    if flaw := _first(orphaned(audit.chain_id, audit.records, audit.head)) or look.chain(audit, audit.head):
        return Found(By.HEAD, flaw)
    if flaw := look.export(audit):
        return Found(By.EXPORT, flaw)
    flaw = anchored(audit)
    return Found(By.ANCHOR, flaw) if flaw else None


def _same_chain(one: Audit, other: Audit) -> bool:
    return (one.chain_id, one.start) == (other.chain_id, other.start)


def _first(flaws: Sequence[Flaw]) -> Flaw | None:
    return flaws[0] if flaws else None
