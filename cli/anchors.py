"""Anchors, checked: every signature by the public half of the key, every head against what is exported."""

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from cli.account import Account
from cli.errors import Unavailable
from edsr import anchors
from edsr.anchors import ANCHOR, Anchor
from edsr.audit import Flaw
from edsr.model import AuditRecord
from edsr.times import iso, parse

PERIODS = timedelta(minutes=20)
"""An anchor comes every five minutes, a minute late: after so long without one, it was removed, or none is signed."""

LATE = timedelta(days=2)
"""A record may be exported a day late; after so long an anchor has to be over it."""

Genuine = Callable[[bytes, str], bool]
Copies = Mapping[str, Sequence[AuditRecord]]
"""The exported records of each chain."""


class Signed(NamedTuple):
    """What anchors say: how many there are, until when they reach (empty without any), and what is wrong."""

    number: int
    until: str
    flaws: list[Flaw]


def public_key(account: Account) -> bytes:
    """The public half of the key that signs, in PEM."""
    answer = account.client("kms").get_public_key(KeyId=account.anchor_key())
    key = serialization.load_der_public_key(answer["PublicKey"])
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def genuine_by(keys: Sequence[bytes]) -> Genuine:
    """Judges signatures by one of these public keys; Unavailable for what is no key on the curve P-256."""
    loaded = [_loaded(pem) for pem in keys]

    def genuine(statement: bytes, signature: str) -> bool:
        return any(_signed(key, statement, signature) for key in loaded)

    return genuine


def _loaded(pem: bytes) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as exc:
        raise Unavailable(f"the key cannot be read: {exc}") from exc
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Unavailable("the key is none on the curve P-256: anchors are signed by no other")
    return key


def _signed(key: ec.EllipticCurvePublicKey, statement: bytes, signature: str) -> bool:
    try:
        key.verify(base64.b64decode(signature, validate=True), statement, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error):
        return False
    return True


def read(bodies: Iterable[tuple[str, bytes]]) -> tuple[list[Anchor], list[Flaw]]:
    """The anchors among some objects, by their names, and what is none. One that was written twice counts once."""
    found: dict[tuple[int, bytes, str], Anchor] = {}
    flaws = []
    for name, body in bodies:
        try:
            one = Anchor.model_validate_json(body)
        except ValidationError as exc:
            flaws.append(Flaw(name, 0, f"is no anchor: {exc.errors()[0]['msg']}"))
            continue
        found[one.n, one.statement, one.signature] = one
    return list(found.values()), flaws


def check(
    signed: Sequence[Anchor],
    copies: Copies,
    genuine: Genuine,
    at: datetime,
    since: str = "",
) -> Signed:
    """Check anchors by themselves, and what is exported by what they saw, at a moment.

    `copies` are by chain; when they begin `since` a day, what anchors saw of earlier ones is not looked for: what
    was exported within two days of the beginning and stands before a chain's first copy may be of an earlier day.
    """
    flaws = anchors.verify(signed, genuine)
    trusted = [one for one in signed if genuine(one.statement, one.signature)]
    seen = anchors.witnessed(trusted)
    owed = anchors.witnessed(one for one in trusted if one.since >= _owed_from(since))
    for chain in sorted(seen):
        there = [(copy.seq, copy.hash) for copy in copies.get(chain, ())]
        first = min([seq for seq, _ in there] + [*owed.get(chain, {})], default=None)
        looked = {seq: said for seq, said in seen[chain].items() if first is not None and seq >= first}
        flaws += anchors.against(chain, looked if since else seen[chain], there)
    until = max((one.until for one in signed), default="")
    flaws += [*_silent(signed, copies, at), *_unseen(copies, seen, iso(at - LATE))]
    return Signed(len(signed), until, flaws)


def _owed_from(since: str) -> str:
    """From when on what an anchor saw was recorded on or after a day."""
    return iso(datetime.fromisoformat(since).replace(tzinfo=UTC) + LATE) if since else ""


def _silent(signed: Sequence[Anchor], copies: Copies, at: datetime) -> Iterator[Flaw]:
    """Anchors come also when nothing happens: that the last is long ago says that later ones were removed."""
    last = max(signed, key=lambda one: one.n, default=None)
    oldest = min((copy.ts for chain in copies.values() for copy in chain), default=iso(at))
    if last and at - parse(last.until) > PERIODS:
        yield Flaw(ANCHOR, last.n + 1, f"is missing, with all later ones: the last reaches to {last.until}")
    if not last and oldest < iso(at - LATE):
        yield Flaw(ANCHOR, 1, "is missing, with all later ones: nothing was ever signed")


def _unseen(copies: Copies, seen: Mapping[str, Mapping[int, str]], old: str) -> Iterator[Flaw]:
    """What is old and behind the last head that an anchor saw of its chain was put there since."""
    if not seen:
        return
    for chain in sorted(copies):
        last = max(seen.get(chain, {}), default=0)
        late = [copy.seq for copy in copies[chain] if copy.seq > last and copy.ts < old]
        if late:
            yield Flaw(chain, min(late), "is older than two days, and no anchor saw it: it was put there since")
