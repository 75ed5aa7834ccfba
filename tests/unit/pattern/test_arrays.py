"""Arrays: any element will do, but one element must do for all fields in it."""

from typing import Any

import pytest

from edsr import pattern

PORTS = {"rules": {"port": [22], "open": [True]}}
EXCEPT = {"items": {"id": ["a"], "skip": [{"exists": False}]}}
LATER = {"items": {"drop": [{"exists": False}], "id": ["a"]}}

CASES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    ({"a": ["x"]}, {"a": ["w", "x"]}, True),
    ({"a": ["x"]}, {"a": [["w"], [["x"]]]}, True),
    ({"a": ["x", "y"]}, {"a": ["z"]}, False),
    ({"a": [{"anything-but": "x"}]}, {"a": ["x", "y"]}, True),
    (PORTS, {"rules": [{"port": 22, "open": True}]}, True),
    (PORTS, {"rules": [{"port": 22, "open": False}, {"port": 80, "open": True}]}, False),
    (PORTS, {"rules": [{"port": 22, "open": False}, {"port": 22, "open": True}]}, True),
    (PORTS, {"rules": [[{"port": 22}, {"open": True}]]}, False),
    (PORTS, {"rules": [[{"port": 22, "open": True}], []]}, True),
    (PORTS, {"rules": [{"port": [80, 22], "open": [False, True]}]}, True),
    ({"a": ["x"], "a.b": [1]}, {"a": ["x", {"b": 1}]}, True),
    ({"a": {"x": [1]}, "b": {"y": [2]}}, {"a": [{"x": 0}, {"x": 1}], "b": [{"y": 2}, {"y": 0}]}, True),
    ({"a": {"x": [1], "b": {"y": [2]}}}, {"a": [{"x": 1, "b": [{"y": 0}]}, {"x": 0, "b": [{"y": 2}]}]}, False),
    ({"a": {"x": [1], "b": {"y": [2]}}}, {"a": [{"x": 1, "b": [{"y": 0}, {"y": 2}]}]}, True),
    ({"a": {"b": {"x": [1], "y": [2]}}}, {"a": {"b": [{"x": 1}]}, "a.b": [{"y": 2}]}, True),
    (EXCEPT, {"items": [{"id": "b"}, {"id": "a"}]}, True),
    (EXCEPT, {"items": [{"id": "b", "skip": 1}, {"id": "a"}]}, True),
    (EXCEPT, {"items": [{"id": "a", "skip": 1}, {"id": "b"}]}, False),
    # An absence is judged before the element is chosen when its path sorts first: as the reference does it.
    (LATER, {"items": [{"id": "a"}, {"id": "b", "drop": 1}]}, False),
]


@pytest.mark.parametrize(("given", "event", "expected"), CASES)
def test_arrays_match_element_by_element(given: dict[str, Any], event: dict[str, Any], expected: bool) -> None:
    assert pattern.compile(given).matches(event) is expected
    assert pattern.Index({"p": given, "other": {"a": [0]}}).match(event) == ({"p"} if expected else set())


def test_one_list_object_in_two_places_is_two_arrays() -> None:
    same = [{"x": 1}, {"x": 2}]
    assert pattern.compile({"a": {"x": [1]}, "b": {"x": [2]}}).matches({"a": same, "b": same})


def test_ten_thousand_elements_that_almost_match_are_no_product() -> None:
    elements = [{"x": 1, "y": number, "z": 0} for number in range(10_000)]
    given = {"a": {"x": [1], "y": [{"exists": True}], "z": [1]}, "b": {"x": [1], "z": [0]}}
    assert not pattern.compile(given).matches({"a": [*elements, {"z": 1}], "b": elements})
