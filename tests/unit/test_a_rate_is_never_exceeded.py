"""Never more than so many in any sliding window of true time, whatever the clocks of those who take it say (G6)."""

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.errors import Refused
from edsr.limits import Limit
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.rates import SKEW, take
from edsr.times import epoch
from tests.things import AT
from tests.unit.attempts import values

LIMIT = Limit(2, timedelta(minutes=15))
WINDOW = 905
"""A quarter of an hour, and the margin for clocks that differ."""

NOW = epoch(AT)


class Lost(Exception):
    """Somebody else was faster: the item is another by now."""


class Counter:
    """A rate's item, and a compare-and-set on it."""

    def __init__(self) -> None:
        self.item: Item | None = None

    def commit(self, write: Write) -> None:
        said = values(write)
        held = self.item is None if "not_exists" in write.condition else self.item and self.item["ver"] == said[":ver"]
        if not held:
            raise Lost
        self.item = {"stamps": said[":stamps"], "ver": said[":next"], "ttl": said[":ttl"]}


def test_the_first_makes_the_item_and_the_next_compares_its_number() -> None:
    first = take("all", LIMIT, None, AT)
    assert (first.label, first.key, first.condition) == ("RTE all", keys.rate("all"), "attribute_not_exists(#pk)")
    assert (values(first)[":stamps"], values(first)[":next"]) == ([NOW], 1)
    again = take("all", LIMIT, {"stamps": [NOW - 10], "ver": 7}, AT)
    assert (again.condition, values(again)[":ver"], values(again)[":next"]) == ("#ver = :ver", 7, 8)
    assert values(again)[":stamps"] == [NOW - 10, NOW]


@pytest.mark.parametrize(("ago", "full"), [(0, True), (900, True), (WINDOW - 1, True), (WINDOW, False)])
def test_a_full_window_says_when_the_next_may_come(ago: int, full: bool) -> None:
    item = {"stamps": [NOW - ago, NOW - ago], "ver": 2}
    if full:
        with pytest.raises(Refused, match=rf"2 in 0:15:00 is the most for all: the next may be in {WINDOW - ago} s"):
            take("all", LIMIT, item, AT)
    else:
        assert values(take("all", LIMIT, item, AT))[":stamps"] == [NOW]


def test_a_clock_that_is_behind_writes_no_earlier_time_than_stands_there() -> None:
    ahead = {"stamps": [NOW + 4], "ver": 1}
    assert values(take("all", LIMIT, ahead, AT))[":stamps"] == [NOW + 4, NOW + 4]


def test_a_limit_that_was_made_tighter_holds_at_once() -> None:
    item = {"stamps": [NOW - 800, NOW - 20, NOW - 10], "ver": 3}
    with pytest.raises(Refused, match=f"the next may be in {WINDOW - 10} s"):
        take("all", Limit(1, LIMIT.per), item, AT)


class Arrival(NamedTuple):
    """Somebody comes so many milliseconds after the one before, with a clock that is off; they read an item that may
    be one write old."""

    after: int
    off: int
    stale: bool


HALF = int(SKEW.total_seconds() * 500)
ARRIVALS = st.lists(
    st.builds(Arrival, st.integers(0, 20_000), st.integers(-HALF, HALF), st.booleans()), min_size=1, max_size=60
)


@given(ARRIVALS, st.integers(1, 4), st.integers(1, 40))
def test_however_they_arrive_no_window_of_true_time_holds_more_than_the_most(
    arrivals: list[Arrival], most: int, per: int
) -> None:
    limit, counter, admitted = Limit(most, timedelta(seconds=per)), Counter(), list[datetime]()
    true, before = AT, None
    for arrival in arrivals:
        true += timedelta(milliseconds=arrival.after)
        read = before if arrival.stale else counter.item
        before = counter.item
        try:
            counter.commit(take("all", limit, read, true + timedelta(milliseconds=arrival.off)))
        except (Refused, Lost):
            continue
        admitted.append(true)
    for n, began in enumerate(admitted):
        inside = [at for at in admitted[n:] if at - began < limit.per]
        assert len(inside) <= most


@given(st.lists(st.integers(-HALF, HALF), min_size=1, max_size=30), st.integers(1, 4), st.integers(1, 40))
def test_whoever_waits_out_the_window_is_let_through(offs: list[int], most: int, per: int) -> None:
    limit, counter = Limit(most, timedelta(seconds=per)), Counter()
    true = AT
    for off in offs:
        counter.commit(take("all", limit, counter.item, true + timedelta(milliseconds=off)))
        true += limit.per + 2 * SKEW + timedelta(seconds=1)
    assert counter.item is not None
    assert counter.item["ver"] == len(offs)


@given(st.lists(st.integers(0, 3), min_size=10, max_size=60), st.integers(1, 4))
def test_a_steady_stream_is_not_shut_out_for_good(gaps: list[int], most: int) -> None:
    limit, counter, true = Limit(most, timedelta(seconds=5)), Counter(), AT
    refused_since: datetime | None = None
    for gap in gaps:
        true += timedelta(seconds=gap)
        try:
            counter.commit(take("all", limit, counter.item, true))
            refused_since = None
        except Refused:
            refused_since = refused_since or true
            assert true - refused_since < limit.per + SKEW
