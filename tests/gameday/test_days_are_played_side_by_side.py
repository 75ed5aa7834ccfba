"""Days are split into lanes that take about as long; what one lane finds is there at once, and an error stops all."""

import time
from collections.abc import Iterator

import pytest

from cli.gameday.lanes import Halt, Halted, measured, side_by_side, split
from tests.gameday.evidence import a_day


def test_lanes_take_about_as_long_and_keep_the_order() -> None:
    days = [a_day().model_copy(update={"id": name}) for name in "abcde"]
    lanes = split(days, 2, {"a": 100, "b": 30, "c": 30, "d": 30, "e": 5})
    assert [[day.id for day in lane] for lane in lanes] == [["a"], ["b", "c", "d", "e"]]


def test_there_are_no_more_lanes_than_days() -> None:
    assert len(split([a_day()], 4, {})) == 1


def test_what_was_recorded_says_how_long_a_day_takes() -> None:
    assert measured('{"gamedays": {"a-day": {"seconds": 12.5, "pages": 1}}}') == {"a-day": 12.5}


def test_everything_comes_of_every_lane() -> None:
    def lane(numbers: range) -> Iterator[int]:
        yield from numbers

    found = side_by_side([lambda _halt: lane(range(3)), lambda _halt: lane(range(3, 5))])
    assert sorted(found) == [0, 1, 2, 3, 4]


def test_an_error_in_one_lane_halts_the_other_and_is_told() -> None:
    halted: list[str] = []

    def fails(_halt: Halt) -> Iterator[int]:
        yield 1
        raise ValueError("the engine is gone")

    def waits(halt: Halt) -> Iterator[int]:
        try:
            halt.sleep(60)
        except Halted as exc:
            halted.append(str(exc))
        yield 2

    began = time.monotonic()
    with pytest.raises(ValueError, match="the engine is gone"):
        list(side_by_side([fails, waits]))
    assert halted == ["the run was stopped"]
    assert time.monotonic() - began < 60
