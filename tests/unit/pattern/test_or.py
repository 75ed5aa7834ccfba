"""$or: alternatives at any depth."""

from typing import Any

import pytest

from edsr import pattern

NESTED = {
    "source": ["s"],
    "$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": {"$or": [{"e": [4]}, {"f": [5]}]}}]}],
}


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"source": "s", "a": 1}, True),
        ({"source": "s", "b": 2}, False),
        ({"source": "s", "b": 2, "c": 3}, True),
        ({"source": "s", "b": 2, "d": {"f": 5}}, True),
        ({"source": "t", "a": 1}, False),
    ],
)
def test_one_alternative_of_each_or_is_enough(event: dict[str, Any], expected: bool) -> None:
    assert pattern.compile(NESTED).matches(event) is expected


def test_two_ors_are_both_needed() -> None:
    both = pattern.compile({"$or": [{"a": [1]}, {"b": [1]}], "x": {"$or": [{"c": [1]}, {"d": [1]}]}})
    assert both.matches({"b": 1, "x": {"c": 1}})
    assert not both.matches({"a": 1, "b": 1})


@pytest.mark.parametrize(
    "given", [{"$or": {"a": ["x"]}}, {"detail": {"$or": [{"numeric": [">", 0]}, {"prefix": "x"}]}}]
)
def test_what_is_no_or_is_a_field_of_that_name(given: dict[str, Any]) -> None:
    compiled = pattern.compile(given)
    assert compiled.matches({"$or": {"a": "x"}, "detail": {"$or": "xy"}})
    assert not compiled.matches({"a": "x", "detail": "xy"})


def test_alternatives_in_one_array_each_bind_it_anew() -> None:
    given = pattern.compile({"a": {"$or": [{"x": [1], "y": [1]}, {"x": [2], "y": [2]}]}})
    assert given.matches({"a": [{"x": 1, "y": 2}, {"x": 2, "y": 2}]})
    assert not given.matches({"a": [{"x": 1, "y": 2}, {"x": 2, "y": 1}]})
