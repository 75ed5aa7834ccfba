"""State: the same future from any point, within 4 KB, and bytes that are none are refused. And laws of every series."""

from datetime import timedelta
from struct import pack
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsr.anomaly import Series, StateUnreadable
from edsr.errors import Malformed
from tests.unit.anomaly.made import DAY, MONDAY, STEP, Points, daily, fed

values = st.floats(allow_nan=True, allow_infinity=True)
gaps = st.integers(min_value=-600, max_value=90_000)


@st.composite
def series_of_points(draw: st.DrawFn) -> Points:
    at, made = MONDAY, []
    for gap, value in draw(st.lists(st.tuples(gaps, values), max_size=120)):
        at += timedelta(seconds=gap)
        made.append((at, value))
    return made


@given(series_of_points(), st.integers(0, 120), st.booleans())
@settings(max_examples=60)
def test_what_is_read_back_judges_the_future_the_same(points: Points, cut: int, counter: bool) -> None:
    kept = Series(counter=counter)
    fed(kept, points[:cut])
    state = kept.to_state()
    assert len(state) <= 4096
    read = Series.from_state(state)
    assert read.to_state() == state
    assert list(map(repr, fed(read, points[cut:]))) == list(map(repr, fed(kept, points[cut:])))
    assert read.to_state() == kept.to_state()


@pytest.mark.parametrize("cut", [0, 1, 49, 50, DAY, DAY + 1, 5 * DAY + 7])
def test_a_long_past_is_read_back_too(cut: int) -> None:
    made = daily(8 * DAY)
    kept = Series()
    fed(kept, made[:cut])
    read = Series.from_state(kept.to_state())
    assert fed(read, made[cut:]) == fed(kept, made[cut:])
    assert len(kept.to_state()) <= 4096


@given(series_of_points(), st.data())
@settings(max_examples=60)
def test_duplicates_and_what_comes_late_change_nothing(points: Points, data: st.DataObject) -> None:
    plain, disturbed = Series(), Series()
    seen: Points = []
    for point in points:
        plain.observe(*point)
        disturbed.observe(*point)
        seen.append(point)
        again = data.draw(st.sampled_from(seen))
        if plain.observe(*again).ignored:
            assert disturbed.to_state() == plain.to_state()
            disturbed.observe(*again)
        else:
            disturbed.observe(*again)
    assert disturbed.to_state() == plain.to_state()


@given(st.floats(-1e30, 1e30), st.integers(1, 700))
@settings(max_examples=30)
def test_a_constant_series_never_alarms(value: float, points: int) -> None:
    said = fed(Series(), [(MONDAY + n * STEP, value) for n in range(points)])
    assert {one.score for one in said} == {0.0}
    assert not any(one.outside for one in said)


@given(st.integers(-20, 20), st.integers(-1000, 1000))
@settings(max_examples=20)
def test_the_unit_and_the_zero_of_a_value_do_not_matter(power: int, zero: int) -> None:
    whole = [(at, float(round(value))) for at, value in daily(2 * DAY)]
    other = [(at, (value + zero) * 2.0**power) for at, value in whole]
    assert [one.score for one in fed(Series(), whole)] == [one.score for one in fed(Series(), other)]


def some_state() -> bytes:
    series = Series()
    fed(series, daily(400))
    return series.to_state()


def signed(body: bytes) -> bytes:
    return body + pack("<I", crc32(body))


@given(st.integers(0, len(some_state()) - 1), st.integers(1, 255))
@settings(max_examples=60)
def test_an_altered_byte_is_noticed(place: int, by: int) -> None:
    state = bytearray(some_state())
    state[place] ^= by
    with pytest.raises(StateUnreadable):
        Series.from_state(bytes(state))


@given(st.binary(max_size=5000))
@settings(max_examples=60)
def test_bytes_that_are_no_state_are_refused(garbage: bytes) -> None:
    with pytest.raises(Malformed):
        Series.from_state(garbage)


@given(st.data())
@settings(max_examples=100)
def test_a_forged_state_is_refused_or_bears_what_comes(data: st.DataObject) -> None:
    body = bytearray(some_state()[:-4])
    place = data.draw(st.integers(5, len(body) - 8))
    body[place : place + 8] = data.draw(st.binary(min_size=8, max_size=8))
    try:
        series = Series.from_state(signed(bytes(body)))
    except StateUnreadable:
        return
    for one in fed(series, daily(500)[400:]):
        assert 0.0 <= one.score <= 1.0


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (b"", "not a state of version 1"),
        (b"EDSA\x02" + some_state()[5:], "not a state of version 1"),
        (some_state()[:-1], "a state has"),
        (some_state() + b"\0", "a state has"),
    ],
)
def test_what_is_wrong_is_said(state: bytes, why: str) -> None:
    with pytest.raises(StateUnreadable, match=why):
        Series.from_state(state)
