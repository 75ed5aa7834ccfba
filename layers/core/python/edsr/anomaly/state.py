"""A series as bytes and back, exactly: a version, the numbers, and a checksum."""

from collections.abc import Iterable
from math import isfinite
from struct import Struct
from zlib import crc32

from edsr.anomaly.rarity import BUCKETS, Rarity
from edsr.anomaly.season import SLOTS, Season
from edsr.errors import Malformed

VERSION = 1
LARGEST = 4096
_HEAD = Struct("<4sB")
_MAGIC = b"EDSA"
_SEASON = Struct(f"<{SLOTS}f{SLOTS}f{SLOTS}B")
_RARITY = Struct(f"<id{BUCKETS}H")
_CHECK = Struct("<I")


class StateUnreadable(Malformed):
    """These bytes are no state of a series: another version, cut short, or altered. Begin the series anew."""


def pack(numbers: Struct, values: Iterable[float], season: Season, rarities: Iterable[Rarity]) -> bytes:
    """The state: head, scalars, season, rarities, checksum."""
    body = b"".join(
        [
            _HEAD.pack(_MAGIC, VERSION),
            numbers.pack(*values),
            _SEASON.pack(*season.centre, *season.distance, *season.seen),
            *(_RARITY.pack(rarity.top, rarity.largest, *rarity.counts) for rarity in rarities),
        ]
    )
    return body + _CHECK.pack(crc32(body))


def unpack(state: bytes, numbers: Struct, rarities: int) -> tuple[tuple[float, ...], Season, tuple[Rarity, ...]]:
    """The parts of a state; StateUnreadable says what is wrong with it."""
    size = _HEAD.size + numbers.size + _SEASON.size + rarities * _RARITY.size + _CHECK.size
    if not isinstance(state, bytes) or state[: _HEAD.size] != _HEAD.pack(_MAGIC, VERSION):
        raise StateUnreadable(f"not a state of version {VERSION}")
    if len(state) != size:
        raise StateUnreadable(f"{len(state)} bytes, a state has {size}")
    if crc32(state[: -_CHECK.size]) != _CHECK.unpack(state[-_CHECK.size :])[0]:
        raise StateUnreadable("the checksum does not match")
    values = numbers.unpack_from(state, _HEAD.size)
    at = _HEAD.size + numbers.size
    season = _season(state, at)
    at += _SEASON.size
    found = tuple(_rarity(state, at + n * _RARITY.size) for n in range(rarities))
    if not all(map(isfinite, values)):
        raise StateUnreadable("a number in it is not finite")
    return values, season, found


def _season(state: bytes, at: int) -> Season:
    numbers = _SEASON.unpack_from(state, at)
    if not all(map(isfinite, numbers)) or min(numbers[SLOTS : 2 * SLOTS]) < 0.0:
        raise StateUnreadable("a number in its season is out of range")
    season = Season()
    for slot in range(SLOTS):
        season.centre[slot], season.distance[slot] = numbers[slot], numbers[SLOTS + slot]
    season.seen[:] = bytes(numbers[2 * SLOTS :])
    return season


def _rarity(state: bytes, at: int) -> Rarity:
    rarity = Rarity()
    rarity.top, rarity.largest, *rarity.counts = _RARITY.unpack_from(state, at)
    rarity.total = sum(rarity.counts)
    if not (isfinite(rarity.largest) and rarity.largest >= 0.0 and abs(rarity.top) <= 4 * 2048):
        raise StateUnreadable("a number in its histograms is out of range")
    return rarity
