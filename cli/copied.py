"""A copy of the export, checked by itself: every chain, and every anchor by the public key; no account is needed."""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from cli import anchors
from cli.errors import Unavailable
from cli.export import ANCHORS, LINES, PUBLIC_KEY, Manifest, bodies, manifest
from edsr.audit import START, Flaw, Head, verify
from edsr.model import AuditRecord
from edsr.protocol import keys
from edsr.times import parse

Chains = dict[str, list[AuditRecord]]


@dataclass(frozen=True)
class Checked:
    """How many chains and records were read, how many of them are exported, and what is wrong; how many anchors there
    are, and until when they reach. `since` is the day that a copy begins with, or empty: nothing is known of what was
    before."""

    chains: int
    records: int
    exported: int
    flaws: tuple[Flaw, ...]
    anchors: int = 0
    anchored_until: str = ""
    since: str = ""

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws


def check_copy(folder: Path, given: Sequence[Path]) -> Checked:
    """Check a copy by the public keys that are given, else by the one that was copied with it."""
    made = manifest(folder)
    copies, flaws = records_in(bodies(folder, LINES))
    signed, unreadable = anchors.read(bodies(folder, ANCHORS))
    genuine = anchors.genuine_by([_pem(file) for file in given or [folder / PUBLIC_KEY]])
    flaws += unreadable
    flaws += deleted(made.hidden)
    for chain in sorted(copies):
        flaws += verify(chain, _each_once(copies[chain]), start=_start(chain, copies, made))
    found = anchors.check(signed, copies, genuine, parse(made.taken_at), made.since)
    records = sum(len(_each_once(copies[chain])) for chain in copies)
    every = first_of_each([*flaws, *found.flaws])
    return Checked(len(copies), records, records, every, found.number, found.until, made.since)


def deleted(hidden: Iterable[str]) -> list[Flaw]:
    """Who asks with Athena does not see such an object any more."""
    return [Flaw(key, 0, "was deleted from the export; its versions are there") for key in hidden]


def records_in(objects: Iterable[tuple[str, bytes]]) -> tuple[Chains, list[Flaw]]:
    """Every copy of every record in the export's objects, by chain, and which objects hold something else."""
    copies: Chains = defaultdict(list)
    unreadable: list[Flaw] = []
    for name, body in objects:
        try:
            records = [AuditRecord.model_validate_json(line) for line in gzip.decompress(body).splitlines()]
        except (OSError, EOFError, zlib.error, ValidationError) as exc:
            unreadable.append(Flaw(name, 0, f"cannot be read: {exc}"))
            continue
        for record in records:
            copies[record.incident_id].append(record)
    return copies, unreadable


def first_of_each(flaws: Sequence[Flaw]) -> tuple[Flaw, ...]:
    """One line for each record: the same change shows in several ways."""
    return tuple({(flaw.incident_id, flaw.seq): flaw for flaw in reversed(flaws)}.values())[::-1]


def _pem(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as exc:
        raise Unavailable(f"no public key: {exc}; name one with --key") from exc


def _each_once(copies: Sequence[AuditRecord]) -> list[AuditRecord]:
    """A batch that was sent twice holds the same records: each counts once."""
    return list({(copy.seq, copy.hash, copy.model_dump_json()): copy for copy in copies}.values())


def _start(chain: str, copies: Mapping[str, Sequence[AuditRecord]], made: Manifest) -> Head:
    """What a chain's first record follows: nothing, the month before, or what was left out of the copy."""
    first = min(copies[chain], key=lambda copy: copy.seq)
    if made.since:
        return Head(first.seq - 1, first.prev)
    if chain.startswith(keys.CONTROL):
        earlier = [other for other in copies if other.startswith(keys.CONTROL) and other < chain]
        if earlier:
            return Head(0, max(copies[max(earlier)], key=lambda copy: copy.seq).hash)
    return START
