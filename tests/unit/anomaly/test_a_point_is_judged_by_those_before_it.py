"""Series: warm-up, season, spikes, explanations, gaps, level shifts, counters, and points that are none."""

from datetime import datetime, timedelta
from math import inf, nan

import pytest

from edsr.anomaly import Series
from tests.unit.anomaly.made import DAY, MONDAY, STEP, Points, daily, fed


def spiked(points: int, at: int, by: float) -> Points:
    made = daily(points)
    made[at] = (made[at][0], made[at][1] + by)
    return made


def test_a_series_says_that_it_is_learning_and_is_silent() -> None:
    said = fed(Series(), spiked(60, 40, 1000.0))
    assert [one.learning for one in said] == [True] * 50 + [False] * 10
    assert said[40].score == 0.0
    assert said[40].reason.endswith("learning: 41 of 50 points")


def test_a_spike_alarms_once_and_says_why() -> None:
    said = fed(Series(), spiked(8 * DAY + 12, 7 * DAY + 109, 200.0))
    spike = said[7 * DAY + 109]
    assert spike.alarming
    assert spike.outside
    assert spike.onset == spike.at
    assert spike.reason.split(" % above the usual ")[1].startswith("Monday 09:05 band of ")
    assert spike.low < spike.expected < spike.high
    assert [one.at for one in said[2 * DAY :] if one.alarming] == [spike.at]


def test_an_open_alarm_keeps_its_onset_until_three_points_are_usual() -> None:
    at = 7 * DAY
    made = daily(at + 20)
    made[at : at + 4] = [(when, value + 200.0) for when, value in made[at : at + 4]]
    said = fed(Series(), made)
    assert {one.onset for one in said[at : at + 6]} == {made[at][0]}
    assert said[at + 6].onset is None


def test_what_is_below_is_said_to_be_below() -> None:
    said = fed(Series(), spiked(7 * DAY + 109, 7 * DAY + 108, -300.0))[-1]
    assert said.alarming
    assert " % below the usual Monday 09:00 band" in said.reason


def test_a_swing_that_comes_each_day_is_expected() -> None:
    said = fed(Series(), daily(8 * DAY))
    assert all(one.seasonal for one in said[DAY:])
    assert not any(one.alarming for one in said[2 * DAY :])
    assert all(abs(one.value - one.expected) < 20.0 for one in said[7 * DAY :])


def test_before_there_is_a_season_the_recent_band_judges() -> None:
    made: Points = [(MONDAY + n * STEP, 10.0 + n % 2) for n in range(200)]
    made[199] = (made[199][0], 500.0)
    said = fed(Series(), made)[-1]
    assert said.alarming
    assert "above the recent band of " in said.reason


def test_a_series_that_falls_silent_in_itself_is_strange() -> None:
    flat = [(MONDAY + n * STEP, 100.0) for n in range(7 * DAY, 8 * DAY)]
    assert any(one.alarming for one in fed(Series(), [*daily(7 * DAY), *flat]))


def test_a_gap_is_said_and_is_no_anomaly() -> None:
    made = daily(9 * DAY)
    said = fed(Series(), made[: 7 * DAY] + made[7 * DAY + 100 :])
    assert "after a gap of 8:25:00" in said[7 * DAY].reason
    assert not any(one.alarming for one in said[2 * DAY :])


def test_a_new_level_is_learned_and_said() -> None:
    before, after = daily(7 * DAY), daily(9 * DAY)[7 * DAY :]
    said = fed(Series(), [*before, *((at, value + 100.0) for at, value in after)])[7 * DAY :]
    assert any(one.alarming for one in said[:4])
    first = next(n for n, one in enumerate(said) if one.standing == "relearning")
    assert first == 47
    assert "the level has shifted by +" in said[first].reason
    assert said[first + 1].reason.endswith("re-learning after a level shift")
    assert all(abs(one.value - one.expected) < 20.0 for one in said[100:])
    assert said[100].standing == "judged"
    assert said[100].onset is None


def test_a_counter_is_judged_by_its_growth_and_may_begin_again() -> None:
    total, made = 0.0, []
    for n, (at, value) in enumerate(daily(4 * DAY)):
        total = value if n == 3 * DAY else total + value
        made.append((at, total))
    said = fed(Series(counter=True), made)
    assert not any(one.alarming for one in said[2 * DAY :])
    assert said[3 * DAY].reason.endswith("the counter began again")
    assert said[-1].expected == pytest.approx(100.0 / 300.0, rel=0.2)


def test_a_counter_that_runs_away_alarms() -> None:
    total, made = 0.0, []
    for n, (at, value) in enumerate(daily(4 * DAY)):
        total += 20 * value if n == 3 * DAY else value
        made.append((at, total))
    assert [n for n, one in enumerate(fed(Series(counter=True), made)) if one.alarming and n >= 2 * DAY] == [3 * DAY]


@pytest.mark.parametrize("value", [nan, inf, -inf, 2e30])
def test_what_is_no_number_changes_nothing(value: float) -> None:
    series = Series()
    fed(series, daily(400))
    before = series.to_state()
    said = series.observe(MONDAY + 400 * STEP, value)
    assert said.ignored
    assert said.reason == "ignored: not a number within 1e30"
    assert not said.outside
    assert series.to_state() == before


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1), timedelta(days=9999)])
def test_what_is_not_newer_changes_nothing(late: timedelta) -> None:
    series = Series()
    fed(series, daily(400))
    before = series.to_state()
    said = series.observe(MONDAY + 399 * STEP - late, 1e9)
    assert said.reason == "ignored: not newer than the point before it"
    assert series.to_state() == before


def test_a_time_needs_its_offset() -> None:
    with pytest.raises(ValueError, match="needs its offset"):
        Series().observe(datetime(2026, 3, 2), 1.0)  # noqa: DTZ001 - this is what is refused


def test_the_threshold_is_the_callers() -> None:
    made = spiked(8 * DAY, 7 * DAY + 108, 200.0)
    score = fed(Series(), made)[7 * DAY + 108].score
    assert fed(Series(score), made)[7 * DAY + 108].alarming
    assert not fed(Series(1.0), made)[7 * DAY + 108].alarming
