"""A series as bytes and back, exactly: a version, the numbers, and a checksum."""

from collections.abc import Iterable
from dataclasses import astuple
from struct import Struct
from zlib import crc32

from edsr.anomaly.numbers import Numbers
from edsr.anomaly.rarity import BUCKETS, Rarity
from edsr.anomaly.season import SLOTS, Season
from edsr.errors import Malformed

VERSION = 1
RARITIES = 5
_HEAD = Struct("<4sB")
_NUMBERS = Struct("<3?5I17d")
_SEASON = Struct(f"<{SLOTS}f{SLOTS}f{SLOTS}B")
_RARITY = Struct(f"<id{BUCKETS}H")
_CHECK = Struct("<I")
_BEGINS = _HEAD.pack(b"EDSA", VERSION)
SIZE = _HEAD.size + _NUMBERS.size + _SEASON.size + RARITIES * _RARITY.size + _CHECK.size
_EARLIEST, _LATEST = -62_135_596_800.0, 253_402_300_799.0
"""The years 1 to 9999, as epoch seconds."""
_MOST = 1e35
"""No number of a series whose values lie within 1e30 comes near it."""


class StateUnreadable(Malformed):
    """These bytes are no state of a series: another version, cut short, or altered. Begin the series anew."""


def pack(numbers: Numbers, season: Season, rarities: Iterable[Rarity]) -> bytes:
    """The state: head, numbers, season, rarities, checksum; always SIZE bytes."""
    body = b"".join(
        [
            _BEGINS,
            _NUMBERS.pack(*astuple(numbers)),
            _SEASON.pack(*season.centre, *season.distance, *season.seen),
            *(_RARITY.pack(rarity.top, rarity.largest, *rarity.counts) for rarity in rarities),
        ]
    )
    return body + _CHECK.pack(crc32(body))


def unpack(state: bytes) -> tuple[Numbers, Season, tuple[Rarity, ...]]:
    """The parts of a state; StateUnreadable says what is wrong with it."""
    if not isinstance(state, bytes) or not state.startswith(_BEGINS):
        raise StateUnreadable(f"not a state of version {VERSION}")
    if len(state) != SIZE:
        raise StateUnreadable(f"{len(state)} bytes: a state has {SIZE}")
    if crc32(state[: -_CHECK.size]) != _CHECK.unpack(state[-_CHECK.size :])[0]:
        raise StateUnreadable("the checksum does not match")
    at = _HEAD.size + _NUMBERS.size
    rarities = at + _SEASON.size
    return (
        _numbers(_NUMBERS.unpack_from(state, _HEAD.size)),
        _season(_SEASON.unpack_from(state, at)),
        tuple(_rarity(_RARITY.unpack_from(state, rarities + n * _RARITY.size)) for n in range(RARITIES)),
    )


def _numbers(values: tuple[float, ...]) -> Numbers:
    numbers = Numbers(*values)  # type: ignore[arg-type]  # the format gives each field its type
    times = (numbers.began, numbers.last, numbers.onset)
    values_fit = all(abs(value) <= _MOST for value in values if value != numbers.spread)
    if (
        not values_fit
        or not 0.0 <= numbers.spread <= _MOST**2
        or not all(_EARLIEST <= time <= _LATEST for time in times)
    ):
        raise StateUnreadable("a number in it is out of range")
    sizes = (numbers.step, numbers.smooth, numbers.usual, numbers.change, numbers.changes, numbers.peak)
    if min(sizes) < 0.0:
        raise StateUnreadable("a size in it is below 0")
    return numbers


def _season(values: tuple[float, ...]) -> Season:
    season = Season()
    for slot in range(SLOTS):
        season.centre[slot], season.distance[slot] = values[slot], values[SLOTS + slot]
        season.seen[slot] = int(values[2 * SLOTS + slot])
    if not all(abs(value) <= _MOST for value in values) or min(season.distance) < 0.0:
        raise StateUnreadable("a number in its season is out of range")
    return season


def _rarity(values: tuple[float, ...]) -> Rarity:
    top, largest, *counts = values
    if not 0.0 <= largest <= _MOST**2 or abs(top) > 4 * 2048:
        raise StateUnreadable("a number in its ranks is out of range")
    rarity = Rarity()
    rarity.top, rarity.largest, rarity.counts = int(top), largest, [int(count) for count in counts]
    rarity.total = sum(rarity.counts)
    return rarity
