"""Anchors are signed one over the other; what was rewritten, cut off or put there since shows by them."""

import base64
import hashlib
from collections.abc import Sequence
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import given
from hypothesis import strategies as st

from cli import anchors as checked
from cli.errors import Unavailable
from edsr.anchors import Anchor, Anchored, following, heads_of, key_of, root, verify
from edsr.audit import GENESIS, Head
from edsr.model import AuditRecord
from tests.tamper.chains import INCIDENT, a_chain
from tests.things import AT

KEY = "arn:aws:kms:us-east-1:123456789012:key/anchors"
PRIVATE = ec.derive_private_key(7, ec.SECP256R1())
FIVE = timedelta(minutes=5)
HEADS = st.tuples(st.text("abc", min_size=1), st.integers(1, 9), st.text("0f", min_size=1))
CHAIN = a_chain(INCIDENT, 9)
OTHER = a_chain("i-other", 4)


def pem(private: ec.EllipticCurvePrivateKey = PRIVATE) -> bytes:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(encoding, form)


GENUINE = checked.genuine_by([pem()])


def signed(one: Anchor, private: ec.EllipticCurvePrivateKey = PRIVATE) -> Anchor:
    der = private.sign(one.statement, ec.ECDSA(hashes.SHA256()))
    return one.model_copy(update={"signature": base64.b64encode(der).decode()})


def series(*windows: Sequence[AuditRecord], private: ec.EllipticCurvePrivateKey = PRIVATE) -> list[Anchor]:
    """An anchor for each window of five minutes, with what was exported in it."""
    made: list[Anchor] = []
    for number, records in enumerate(windows):
        last, since = made[-1] if made else None, AT + number * FIVE
        made.append(signed(following(last, heads_of(records), since, since + FIVE, KEY), private))
    return made


WHOLE = series(CHAIN[:3], [], [*CHAIN[3:6], *OTHER], CHAIN[6:])
NOW = AT + 5 * FIVE


def flaws(anchors: Sequence[Anchor], *chains: Sequence[AuditRecord], hours: int = 0) -> list[tuple[str, int, str]]:
    copies = {chain[0].incident_id: chain for chain in chains if chain}
    return [*checked.check(anchors, copies, GENUINE, NOW + timedelta(hours=hours)).flaws]


def test_what_nobody_touched_has_no_flaw_also_where_nothing_happened() -> None:
    assert WHOLE[1].count == 0
    assert [one.n for one in WHOLE] == [1, 2, 3, 4]
    assert flaws(WHOLE, CHAIN, OTHER) == []
    assert checked.check(WHOLE, {}, GENUINE, NOW).until == "2026-03-02T03:25:00.000Z"


def test_a_chain_that_was_rewritten_with_right_hashes_shows_wherever_an_anchor_saw_it() -> None:
    rewritten = a_chain(INCIDENT, 9, start=Head(0, "f" * 64))
    found = flaws(WHOLE, rewritten, OTHER)
    assert [(where, seq) for where, seq, _ in found] == [(INCIDENT, 3), (INCIDENT, 6), (INCIDENT, 9)]
    assert all("rewritten" in what for *_, what in found)


@pytest.mark.parametrize("left", range(9))
def test_a_chain_that_was_cut_off_shows(left: int) -> None:
    found = flaws(WHOLE, CHAIN[:left], OTHER)
    assert [(where, seq) for where, seq, _ in found] == [(INCIDENT, seq) for seq in (3, 6, 9) if seq > left]


def test_a_chain_that_was_put_there_since_shows_after_two_days() -> None:
    forged = a_chain("i-forged", 3)
    later = series(CHAIN[:3], *[[] for _ in range(900)])
    at = AT + 901 * FIVE
    found = checked.check(later, {INCIDENT: CHAIN[:3], "i-forged": forged}, GENUINE, at).flaws
    assert [(one.incident_id, one.seq) for one in found] == [("i-forged", 1)]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"count": 9}, "signature"),
        ({"root": "0" * 64}, "signature"),
        ({"until": "2027-01-01T00:00:00.000Z"}, "signature"),
        ({"heads": ()}, "root"),
        ({"heads": (Anchored(INCIDENT, 3, "0" * 64),)}, "root"),
        ({"signature": ""}, "signature"),
        ({"signature": "no base64"}, "signature"),
        ({"signature": base64.b64encode(b"no DER").decode()}, "signature"),
    ],
)
def test_a_changed_anchor_shows(changes: dict[str, object], what: str) -> None:
    first = WHOLE[0].model_copy(update=changes)
    found = verify([first, *WHOLE[1:]], GENUINE)
    assert (found[0].seq, what in found[0].what) == (1, True)


def test_an_anchor_that_another_key_signed_shows_and_what_it_saw_counts_for_nothing() -> None:
    other = series(CHAIN[:2], private=ec.derive_private_key(8, ec.SECP256R1()))
    found = flaws(other, CHAIN)
    assert any("signature" in what for *_, what in found)
    assert not any("rewritten" in what for *_, what in found)


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_an_anchor_that_is_gone_shows(gone: int) -> None:
    left = [one for one in WHOLE if one.n != gone]
    assert next(flaw.seq for flaw in verify(left, GENUINE)) == gone


def test_that_the_last_anchors_are_gone_shows_since_they_come_also_when_nothing_happens() -> None:
    assert flaws(WHOLE, CHAIN, OTHER, hours=1)[0][:2] == ("anchor", 5)
    assert flaws([], CHAIN) == []
    assert flaws([], CHAIN, hours=49)[0][:2] == ("anchor", 1)


def test_an_anchor_that_was_replaced_by_a_genuine_one_of_another_series_shows() -> None:
    other = series(CHAIN[:2], [], OTHER)
    found = verify([WHOLE[0], other[1], *WHOLE[2:]], GENUINE)
    assert [flaw.seq for flaw in found] == [2, 3]
    twice = verify([*WHOLE, other[1]], GENUINE)
    assert any("twice" in flaw.what for flaw in twice)


@pytest.mark.parametrize(("left", "gone"), [([], [3, 6, 9]), (CHAIN[6:], [3, 6])])
def test_of_a_copy_that_begins_later_what_came_since_is_missed(left: Sequence[AuditRecord], gone: list[int]) -> None:
    found = checked.check(WHOLE, {INCIDENT: left, "i-other": OTHER}, GENUINE, NOW, since="2026-02-28").flaws
    assert [(one.incident_id, one.seq) for one in found] == [(INCIDENT, seq) for seq in gone]


def test_of_a_copy_that_begins_later_earlier_records_are_not_missed() -> None:
    copies = {INCIDENT: CHAIN[5:]}
    found = checked.check(WHOLE, copies, GENUINE, NOW, since="2026-03-02").flaws
    assert found == []


def test_what_is_signed_is_small_however_many_chains_there_are() -> None:
    heads = {f"i-{n:026d}": (n, f"{n:064x}") for n in range(1, 5_000)}
    made = following(None, heads, AT, AT + FIVE, KEY)
    assert len(made.statement) < 1_024
    assert (made.n, made.prev, made.count) == (1, GENESIS, 4_999)


@given(st.lists(HEADS, max_size=9, unique=True))
def test_two_lists_of_heads_have_two_roots(said: list[tuple[str, int, str]]) -> None:
    heads = [Anchored(*one) for one in said]
    assert root(heads) == root(list(heads))
    for number in range(len(heads)):
        assert root(heads[:number] + heads[number + 1 :]) != root(heads)
        assert root([*heads, heads[number]]) != root(heads)


def test_the_root_is_that_of_rfc_6962_with_our_leaves() -> None:
    one, two, three = (Anchored("i", n, "a") for n in (1, 2, 3))
    leaf = [hashlib.sha256(b'\x00["i",%d,"a"]' % n).digest() for n in (1, 2, 3)]
    pair = hashlib.sha256(b"\x01" + leaf[0] + leaf[1]).digest()
    assert root([one]) == leaf[0].hex()
    assert root([one, two]) == pair.hex()
    assert root([one, two, three]) == hashlib.sha256(b"\x01" + pair + leaf[2]).hexdigest()
    assert root([]) == hashlib.sha256(b"").hexdigest()


def test_an_anchors_object_is_named_by_its_number() -> None:
    assert key_of(1) == "anchors/000000000/000000000001.json"
    assert key_of(12_345) == "anchors/000000012/000000012345.json"


def test_what_is_no_anchor_and_no_key_is_told() -> None:
    body = WHOLE[0].model_dump_json().encode()
    found, wrong = checked.read([("a", body), ("again", body), ("b", b"{}"), ("c", b"\xff")])
    assert (found, [flaw.incident_id for flaw in wrong]) == ([WHOLE[0]], ["b", "c"])
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    other = ed25519.Ed25519PrivateKey.from_private_bytes(b"7" * 32).public_key().public_bytes(encoding, form)
    for key in (b"no key", other):
        with pytest.raises(Unavailable):
            checked.genuine_by([key])
