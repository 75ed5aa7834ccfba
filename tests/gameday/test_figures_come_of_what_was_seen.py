"""A measure's figure is worked out of what was seen, and is wrong outside its limits."""

from datetime import timedelta
from typing import Any

import pytest

from cli.errors import Unavailable
from cli.gameday.filling import fill, merged
from cli.gameday.measuring import Measure, Point, figure
from tests.things import AT

SEEN = [Point(AT + timedelta(seconds=2 * at), value) for at, value in enumerate((0.0, 30.0, 50.0, 10.0))]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ({"way": "seconds-above", "above": 20}, 4.0),
        ({"way": "highest"}, 50.0),
        ({"way": "lowest"}, 0.0),
        ({"way": "first"}, 0.0),
        ({"way": "last"}, 10.0),
        ({"way": "sum"}, 90.0),
        ({"way": "mean"}, 22.5),
        ({"way": "last", "times": 0.5}, 5.0),
        ({"way": "last", "times": 0.5, "from": 20}, 15.0),
    ],
    ids=str,
)
def test_it_is_worked_out(said: dict[str, Any], value: float) -> None:
    measure = Measure.model_validate({"name": "x", "say": "x", "of": "backlog", **said})
    assert figure(measure, {"backlog": SEEN}).value == value


def test_the_ninety_fifth_of_a_hundred_is_near_the_highest() -> None:
    measure = Measure.model_validate({"name": "x", "say": "x", "of": "latency", "way": "p95"})
    points = [Point(AT, float(value)) for value in range(1, 101)]
    assert figure(measure, {"latency": points}).value == pytest.approx(95.95)


def test_of_nothing_seen_there_is_no_figure() -> None:
    measure = Measure.model_validate({"name": "x", "say": "x", "of": "backlog", "way": "sum"})
    assert figure(measure, {}).wrong == "x: nothing was seen of backlog"


def test_what_is_left_open_is_filled_in_and_keeps_its_kind() -> None:
    said = {"at": "${n}", "${name}": ["m${n}", "${account}"]}
    filled = fill(said, {"n": 3, "name": "list"}, but=frozenset({"account"}))
    assert filled == {"at": 3, "list": ["m3", "${account}"]}


def test_what_is_not_known_is_told_with_what_is() -> None:
    with pytest.raises(Unavailable, match=r"\$\{grup\} is not known there: known are group, rule"):
        fill("${grup}", {"group": 1, "rule": 2})


def test_a_document_differs_key_by_key() -> None:
    first = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merged(first, {"a": {"c": [3]}, "d": None, "e": 2}) == {"a": {"b": 1, "c": [3]}, "e": 2}
