"""Anchors: every five minutes the heads of what was exported since are signed, each anchor over the one before.

Who rewrites a chain with right hashes, or cuts it off, wherever it is kept, cannot sign what was signed before.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from pydantic import Field

from edsr.audit import GENESIS, Flaw
from edsr.canonical import canonical
from edsr.model import AuditRecord, Frozen
from edsr.times import iso

FOLDER = "anchors/"
ALGORITHM = "ECDSA_SHA_256"
ANCHOR = "anchor"
"""What a flaw of an anchor is about; its number is the anchor's."""

_DOMAIN = b"edsr.anchor.v1\x00"
_LEAF, _NODE = b"\x00", b"\x01"
_SIGNED = ("v", "n", "prev", "since", "until", "count", "root", "key")


class Anchored(NamedTuple):
    """Where a chain stood: the number and the hash of the last of its records that was exported by then."""

    chain: str
    seq: int
    hash: str


class Anchor(Frozen):
    """What was signed: the heads of the chains that grew between two moments; there may be none.

    `prev` is the hash of what the anchor before signed, `root` the root of a Merkle tree over `heads`, `signature` is
    base64 of DER, by the key with the ARN `key`.
    """

    n: int = Field(ge=1)
    prev: str
    since: str
    until: str
    count: int
    root: str
    key: str
    heads: tuple[Anchored, ...]
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """The bytes that are signed: all but the heads, which the root stands for. A few hundred; KMS takes 4,096."""
        return _DOMAIN + canonical({name: getattr(self, name) for name in _SIGNED})

    @property
    def digest(self) -> str:
        """What the next anchor is over."""
        return hashlib.sha256(self.statement).hexdigest()


def key_of(n: int) -> str:
    """The object of an anchor: a thousand in each folder, so that the last one is found in two looks."""
    return f"{FOLDER}{n // 1000:09d}/{n:012d}.json"


def following(
    last: Anchor | None, heads: Mapping[str, tuple[int, str]], since: datetime, until: datetime, key: str
) -> Anchor:
    """The next anchor, yet to be signed; `heads` are numbers and hashes by chain."""
    listed = tuple(Anchored(chain, *heads[chain]) for chain in sorted(heads))
    return Anchor(
        n=last.n + 1 if last else 1,
        prev=last.digest if last else GENESIS,
        since=iso(since),
        until=iso(until),
        count=len(listed),
        root=root(listed),
        key=key,
        heads=listed,
    )


def root(heads: Sequence[Anchored]) -> str:
    """The root of the Merkle tree over the heads, in this order; leaves and nodes hash apart, as in RFC 6962."""
    level = [hashlib.sha256(_LEAF + canonical(list(head))).digest() for head in heads]
    if not level:
        return hashlib.sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = [level[n : n + 2] for n in range(0, len(level), 2)]
        level = [hashlib.sha256(_NODE + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0].hex()


def heads_of(records: Iterable[AuditRecord]) -> dict[str, tuple[int, str]]:
    """The last record of each chain among these."""
    found: dict[str, tuple[int, str]] = {}
    for record in records:
        if record.seq > found.get(record.incident_id, (0, ""))[0]:
            found[record.incident_id] = record.seq, record.hash
    return found


def verify(anchors: Iterable[Anchor], genuine: Callable[[bytes, str], bool]) -> list[Flaw]:
    """Check the anchors against one another, given in any order; `genuine` judges a signature of what was signed.

    Found are anchors that were changed, removed from between others, or put in between.
    """
    ordered = sorted(anchors, key=lambda one: one.n)
    flaws = [flaw for one in ordered for flaw in _alone(one, genuine)]
    if ordered and ordered[0].n != 1:
        flaws.append(Flaw(ANCHOR, 1, f"removed, with all before {ordered[0].n}"))
    return sorted([*flaws, *_joints(ordered)], key=lambda flaw: flaw.seq)


def _alone(one: Anchor, genuine: Callable[[bytes, str], bool]) -> Iterator[Flaw]:
    if not genuine(one.statement, one.signature):
        yield Flaw(ANCHOR, one.n, "was changed: its signature is not over what it says")
    if root(one.heads) != one.root or len(one.heads) != one.count:
        yield Flaw(ANCHOR, one.n, "was changed: its root is not that of its heads")


def _joints(ordered: Sequence[Anchor]) -> Iterator[Flaw]:
    for before, one in pairwise(ordered):
        if one.n == before.n:
            yield Flaw(ANCHOR, one.n, "stands twice: one of them was put there")
        elif one.n > before.n + 1:
            yield Flaw(ANCHOR, before.n + 1, f"removed (the next is {one.n})")
        elif one.prev != before.digest or one.since != before.until:
            yield Flaw(ANCHOR, one.n, f"does not follow {before.n}: one of them was replaced")


def witnessed(anchors: Iterable[Anchor]) -> dict[str, dict[int, str]]:
    """What anchors saw of each chain: the hash of each record that was a head once."""
    seen: dict[str, dict[int, str]] = {}
    for one in anchors:
        for head in one.heads:
            seen.setdefault(head.chain, {})[head.seq] = head.hash
    return seen


def against(chain: str, seen: Mapping[int, str], copies: Iterable[tuple[int, str]]) -> list[Flaw]:
    """What anchors saw of a chain and is not so any more; `copies` are number and hash of every record there is.

    Of one record there may be several copies: an anchor is content when one of them is what it saw.
    """
    there: dict[int, set[str]] = {}
    for seq, said in copies:
        there.setdefault(seq, set()).add(said)
    return [
        Flaw(
            chain, seq, "was removed: an anchor saw it" if seq not in there else "was rewritten: an anchor saw another"
        )
        for seq, said in sorted(seen.items())
        if said not in there.get(seq, ())
    ]
