"""An event of a known shape is changed as little as it takes for patterns to match, or not at all."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr import pattern
from infra.lint.shapes import fitted, paths

EVENT: dict[str, Any] = {
    "source": "aws.ec2",
    "detail": {"name": "web-1", "count": 3, "address": "10.0.0.1", "open": False, "tags": [{"key": "a"}, {"key": "b"}]},
}


def made(*said: dict[str, Any]) -> dict[str, Any] | None:
    return fitted(EVENT, *(pattern.compile({"detail": one}) for one in said))


@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("db", "db"),
        ({"prefix": "db-"}, "db-web-1"),
        ({"suffix": "-db"}, "web-1-db"),
        ({"wildcard": "*of*"}, "of"),
        ({"equals-ignore-case": "DB"}, "DB"),
        ({"anything-but": ["web-1"]}, "x"),
        ({"anything-but": {"prefix": "web"}}, "x"),
    ],
)
def test_text_becomes_what_is_wanted_and_keeps_what_it_may(condition: Any, value: str) -> None:
    found = made({"name": [condition]})
    assert found is not None
    assert found["detail"] == EVENT["detail"] | {"name": value}


@pytest.mark.parametrize("wanted", [["=", 7], [">", 7], ["<", -1], [">", 0.25, "<", 0.5], [">=", 7, "<=", 8]])
def test_a_number_becomes_one_within_the_limits(wanted: list[Any]) -> None:
    found = made({"count": [{"numeric": wanted}]})
    assert found is not None
    assert pattern.compile({"count": [{"numeric": wanted}]}).matches(found["detail"])


def test_what_matches_already_stays_as_it_is() -> None:
    assert made({"name": [{"prefix": "web"}], "address": [{"cidr": "10.0.0.0/8"}], "tags": {"key": ["b"]}}) == EVENT


def test_one_value_serves_two_patterns() -> None:
    found = made({"name": [{"prefix": "db-"}]}, {"name": [{"suffix": "-live"}]})
    assert found is not None
    assert found["detail"]["name"] == "db--live"


@pytest.mark.parametrize(
    "said",
    [
        [{"name": ["a"]}, {"name": ["b"]}],
        [{"name": [{"prefix": "a"}]}, {"name": [{"prefix": "b"}]}],
        [{"nothing": ["a"]}],
        [{"name": {"inner": ["a"]}}],
        [{"name": [{"exists": False}]}],
        [{"tags": {"key": ["c"]}}],
    ],
)
def test_what_no_event_of_the_shape_satisfies_is_given_up(said: list[dict[str, Any]]) -> None:
    assert made(*said) is None


def test_a_fixed_value_is_not_changed() -> None:
    asked = pattern.compile({"source": ["aws.s3"]})
    assert fitted(EVENT, asked) is not None
    assert fitted(EVENT, asked, fixed=["source"]) is None


def test_of_alternatives_one_is_enough() -> None:
    found = made({"$or": [{"nothing": ["a"]}, {"open": [True]}]})
    assert found is not None
    assert found["detail"]["open"] is True


@given(st.lists(st.sampled_from(["a", "b", "ab", "ba", ""]), min_size=2, max_size=2))
def test_what_is_made_is_matched_by_every_pattern_and_the_event_is_left_alone(texts: list[str]) -> None:
    before = str(EVENT)
    asked = [
        pattern.compile({"detail": {"name": [{"prefix": texts[0]}]}}),
        pattern.compile({"detail": {"name": [{"suffix": texts[1]}]}}),
    ]
    found = fitted(EVENT, *asked)
    assert found is not None
    assert all(one.matches(found) for one in asked)
    assert str(EVENT) == before


def test_every_scalar_has_its_path() -> None:
    assert set(paths(EVENT)) == {
        "source",
        "detail.name",
        "detail.count",
        "detail.address",
        "detail.open",
        "detail.tags.key",
    }
