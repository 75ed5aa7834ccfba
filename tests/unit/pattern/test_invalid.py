"""Invalid patterns are refused with the place, the reason and what is allowed."""

from typing import Any

import pytest

from edsr import pattern

INVALID: list[tuple[Any, str, str]] = [
    ([], "$", "must be an object of fields, not a list"),
    ({}, "$", "must not be empty"),
    ({"a": {}}, "$.a", "must not be empty"),
    ({"a": []}, "$.a", "at least one value"),
    ({"a": "x"}, "$.a", "a list of values or an object of fields, not a string"),
    ({"a": None}, "$.a", "not null"),
    ({"a": [[1]]}, "$.a[0]", "not a list"),
    ({"a b": [[1]]}, "$['a b'][0]", "not a list"),
    ({"a": [(1,)]}, "$.a[0]", "not a Python tuple"),
    ({"a": [float("inf")]}, "$.a[0]", "64-bit float"),
    ({1: ["x"]}, "$", "name that is not a string"),
    ({"a": [{}]}, "$.a[0]", "exactly one operator"),
    ({"a": [{"prefix": "x", "suffix": "y"}]}, "$.a[0]", "this has 2"),
    ({"a": [{"EXISTS": True}]}, "$.a[0]", "allowed: anything-but, cidr, equals-ignore-case, exactly, exists"),
    ({"a": ["x", {"prefix": 3}]}, "$.a[1].prefix", "must be a string, not a number"),
    ({"a": [{"prefix": {"suffix": "x"}}]}, "$.a[0].prefix", "allowed: equals-ignore-case"),
    ({"a": [{"suffix": {"equals-ignore-case": 5}}]}, "$.a[0].suffix.equals-ignore-case", "a string"),
    ({"a": [{"equals-ignore-case": ["x"]}]}, "$.a[0].equals-ignore-case", "not a list"),
    ({"a": [{"exactly": 1}]}, "$.a[0].exactly", "a string"),
    ({"a": [{"exists": "yes"}]}, "$.a[0].exists", "true or false"),
    ({"a": [{"exists": 1}]}, "$.a[0].exists", "true or false"),
    ({"a": [{"numeric": 10}]}, "$.a[0].numeric", "must be a list such as"),
    ({"a": [{"numeric": []}]}, "$.a[0].numeric", "must be a list such as"),
    ({"a": [{"numeric": ["=="]}]}, "$.a[0].numeric", "must be a list such as"),
    ({"a": [{"numeric": ["==", 1]}]}, "$.a[0].numeric[0]", "one of =, <, <=, >, >="),
    ({"a": [{"numeric": [["="], 1]}]}, "$.a[0].numeric[0]", "one of"),
    ({"a": [{"numeric": ["=", "1"]}]}, "$.a[0].numeric[1]", "must be a number, not a string"),
    ({"a": [{"numeric": ["=", True]}]}, "$.a[0].numeric[1]", "not a boolean"),
    ({"a": [{"numeric": ["=", 2**53 + 1]}]}, "$.a[0].numeric[1]", "64-bit float can hold exactly"),
    ({"a": [{"numeric": ["<", 10**400]}]}, "$.a[0].numeric[1]", "64-bit float can hold exactly"),
    ({"a": [{"numeric": ["<", 5, ">", 1]}]}, "$.a[0].numeric", "starts with > or >="),
    ({"a": [{"numeric": [">", 5, "<", 5]}]}, "$.a[0].numeric", "less than the upper end"),
    ({"a": [{"anything-but": []}]}, "$.a[0].anything-but", "at least one"),
    ({"a": [{"anything-but": ["x", 1]}]}, "$.a[0].anything-but", "strings only or numbers only"),
    ({"a": [{"anything-but": None}]}, "$.a[0].anything-but", "a string or a number, not null"),
    ({"a": [{"anything-but": ["x", None]}]}, "$.a[0].anything-but", "not null"),
    ({"a": [{"anything-but": {}}]}, "$.a[0].anything-but", "exactly one operator"),
    ({"a": [{"anything-but": {"numeric": ["=", 1]}}]}, "$.a[0].anything-but", "allowed: equals-ignore-case, prefix"),
    ({"a": [{"anything-but": {"prefix": ""}}]}, "$.a[0].anything-but.prefix", "must not be empty"),
    ({"a": [{"anything-but": {"suffix": []}}]}, "$.a[0].anything-but.suffix", "must not be empty"),
    ({"a": [{"anything-but": {"wildcard": 27}}]}, "$.a[0].anything-but.wildcard", "a string"),
    ({"a": [{"cidr": 1}]}, "$.a[0].cidr", "a string"),
    ({"a": [{"cidr": "10.0.0.0"}]}, "$.a[0].cidr", "exactly one '/'"),
    ({"a": [{"cidr": "x.y/8"}]}, "$.a[0].cidr", "'x.y' is not an IPv4 or IPv6 address"),
    ({"a": [{"cidr": "10.0.0.0/32"}]}, "$.a[0].cidr", "from 0 to 31, not '32'"),
    ({"a": [{"cidr": "::/x"}]}, "$.a[0].cidr", "from 0 to 127, not 'x'"),
    ({"a": [{"wildcard": "a**"}]}, "$.a[0].wildcard", "two stars in a row at position 1"),
    ({"a": [{"wildcard": "a\\b"}]}, "$.a[0].wildcard", "a backslash at position 1"),
    ({"a": [{"wildcard": "\\"}]}, "$.a[0].wildcard", "a backslash at position 0"),
    ({"a": [{"wildcard": "*:*:*:*:*:event-bus/*"}]}, "$.a[0].wildcard", "too complex: use fewer stars"),
    ({"$or": []}, "$.$or", "at least two objects"),
    ({"$or": [{"a": [1]}]}, "$.$or", "at least two objects"),
    ({"$or": [{"a": [1]}, 2]}, "$.$or[1]", "an object of fields, not a number"),
    ({"d": {"$or": [{"a": [1]}, {"prefix": ["x"]}]}}, "$.d.$or[1].prefix", "reserved inside $or"),
    ({"a": [1], "$or": [{"a": [2]}, {"b": [1]}]}, "$.$or[0].a", "asked for twice"),
    ({"a": {"b": [1]}, "a.b": [2]}, "$['a.b']", "'a.b' is asked for twice"),
]


@pytest.mark.parametrize(("given", "path", "reason"), INVALID, ids=lambda value: str(value)[:60])
def test_an_invalid_pattern_names_the_place_and_the_reason(given: Any, path: str, reason: str) -> None:
    with pytest.raises(pattern.PatternInvalid) as refusal:
        pattern.compile(given)
    assert refusal.value.path == path
    assert reason in refusal.value.reason
    assert str(refusal.value) == f"{path}: {refusal.value.reason}"


def test_an_index_refuses_an_invalid_pattern() -> None:
    with pytest.raises(pattern.PatternInvalid):
        pattern.Index({"bad": {"a": []}})


@pytest.mark.parametrize(
    ("text", "allowed"), [("arn:aws:*:*:*:*:db:*", True), ("*a*b*c*d*e*f*g*h*", True), ("*" + "a" * 12, False)]
)
def test_a_wildcard_may_keep_ten_partial_matches_alive(text: str, allowed: bool) -> None:
    try:
        pattern.compile({"a": [{"wildcard": text}]})
    except pattern.PatternInvalid:
        assert not allowed
    else:
        assert allowed
