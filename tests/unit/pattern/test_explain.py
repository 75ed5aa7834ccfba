"""explain says which parts of a pattern an event satisfies."""

from typing import Any

from edsr import pattern
from edsr.pattern import Row


def test_each_field_has_a_row_with_what_was_found() -> None:
    compiled = pattern.compile(
        {"source": ["aws.ec2"], "detail": {"state": ["stopped", "running"], "code": [{"exists": False}]}}
    )
    assert compiled.explain({"source": "aws.ec2", "detail": {"state": "pending"}}) == [
        Row("detail.code", [{"exists": False}], [], matched=True),
        Row("detail.state", ["stopped", "running"], ["pending"], matched=False),
        Row("source", ["aws.ec2"], ["aws.ec2"], matched=True),
    ]


def test_all_values_of_an_array_are_shown_in_order() -> None:
    (row,) = pattern.compile({"a": {"b": [3]}}).explain({"a": [{"b": 1}, {"b": [2, [3]]}]})
    assert row == Row("a.b", [3], [1, 2, 3], matched=True)


def test_alternatives_are_labelled() -> None:
    compiled = pattern.compile({"detail": {"$or": [{"a": [1]}, {"a": [2], "b": [3]}]}})
    assert {row.path: row.matched for row in compiled.explain({"detail": {"a": 2, "b": 3}})} == {
        "detail.$or[0].a": False,
        "detail.$or[1].a": True,
        "detail.$or[1].b": True,
    }


def test_fields_met_by_different_elements_are_called_out() -> None:
    compiled = pattern.compile({"rules": {"port": [22], "open": [True]}})
    event: dict[str, Any] = {"rules": [{"port": 22, "open": False}, {"port": 80, "open": True}]}
    *fields, last = compiled.explain(event)
    assert all(row.matched for row in fields)
    assert last == Row(
        "rules", ["one element that has all of: rules.open, rules.port"], ["no such element"], matched=False
    )


def test_an_absence_within_the_matching_element_counts_as_matched() -> None:
    compiled = pattern.compile({"items": {"id": ["a"], "skip": [{"exists": False}]}})
    event: dict[str, Any] = {"items": [{"id": "b", "skip": 1}, {"id": "a"}]}
    assert compiled.matches(event)
    assert all(row.matched for row in compiled.explain(event))


def test_what_is_no_event_has_nothing() -> None:
    nothing: Any = None
    assert pattern.compile({"a": [1]}).explain(nothing) == [Row("a", [1], [], matched=False)]
