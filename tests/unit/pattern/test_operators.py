"""What each operator matches, on the values where it is easy to be wrong."""

import sys
from typing import Any

import pytest

from edsr import pattern

ALLOWED: list[tuple[Any, Any]] = [
    ("running", "running"),
    ("", ""),
    (None, None),
    (True, True),
    (False, False),
    (300, 300),
    (300, 300.0),
    (300.0, 300),
    (3.0e2, 300),
    (0, -0.0),
    (0.1, 0.1),
    (2**53, 9007199254740992.0),
    (12345678901234567890, 12345678901234567890),
    (10**22, 1e22),
    ({"exactly": "a"}, "a"),
    ({"prefix": "arn:"}, "arn:aws"),
    ({"prefix": ""}, "anything"),
    ({"prefix": "end"}, "end"),
    ({"suffix": ".png"}, "a.png"),
    ({"suffix": ""}, ""),
    ({"prefix": {"equals-ignore-case": "EventB"}}, "eventbridge"),
    ({"prefix": {"equals-ignore-case": "É"}}, "école"),
    ({"suffix": {"equals-ignore-case": ".PNG"}}, "a.png"),
    ({"suffix": {"equals-ignore-case": "É"}}, "café"),
    ({"suffix": {"equals-ignore-case": ""}}, "x"),
    ({"equals-ignore-case": "running"}, "RuNNing"),
    ({"equals-ignore-case": "straße"}, "STRASSE"),
    ({"equals-ignore-case": "日本"}, "日本"),
    ({"anything-but": "a"}, "b"),
    ({"anything-but": "a"}, None),
    ({"anything-but": "1"}, 1),
    ({"anything-but": 1}, "1"),
    ({"anything-but": 1}, True),
    ({"anything-but": [1, 2]}, 3),
    ({"anything-but": ["a", "b"]}, "c"),
    ({"anything-but": {"prefix": "a"}}, "ba"),
    ({"anything-but": {"prefix": ["a", "b"]}}, "c"),
    ({"anything-but": {"suffix": "a"}}, "ab"),
    ({"anything-but": {"suffix": ["a", "b"]}}, 7),
    ({"anything-but": {"equals-ignore-case": "a"}}, "b"),
    ({"anything-but": {"equals-ignore-case": ["a", "b"]}}, "c"),
    ({"anything-but": {"wildcard": "*/lib/*"}}, "/usr/bin/x"),
    ({"anything-but": {"wildcard": ["*/lib/*", "/usr/*"]}}, "/bin"),
    ({"numeric": ["=", 5]}, 5.0),
    ({"numeric": ["<", 10]}, 9.999),
    ({"numeric": ["<=", 10]}, 10),
    ({"numeric": [">", -1]}, 0),
    ({"numeric": [">=", 0.5]}, 0.5),
    ({"numeric": [">", 0, "<=", 5]}, 5),
    ({"numeric": [">=", 0, "<", 5]}, 0),
    ({"exists": True}, None),
    ({"exists": True}, ""),
    ({"cidr": "10.0.0.0/24"}, "10.0.0.255"),
    ({"cidr": "10.0.0.77/24"}, "10.0.0.1"),
    ({"cidr": "0.0.0.0/0"}, "203.0.113.17"),
    ({"cidr": "0.0.0.0/0"}, "2001:db8::1"),
    ({"cidr": "10.0.0.0/8"}, "::ffff:a00:1"),
    ({"cidr": "2001:db8::/32"}, "2001:0DB8:1::"),
    ({"cidr": "::1/127"}, "0:0:0:0:0:0:0:1"),
    ("10.0.0.1", "010.0.0.1"),
    ("::1", "0:0:0:0:0:0:0:1"),
    ("10.0.0.1", "::ffff:a00:1"),
    ("1.2.3.400", "1.2.3.400"),
    ({"wildcard": "*"}, ""),
    ({"wildcard": "*.png"}, "a.png"),
    ({"wildcard": "a*b*c"}, "abc"),
    ({"wildcard": "a*b*c"}, "a-b-b-c"),
    ({"wildcard": "a\\*b"}, "a*b"),
    ({"wildcard": "a\\\\b"}, "a\\b"),
    ({"wildcard": "plain"}, "plain"),
    ({"wildcard": "*\n*"}, "a\nb"),
]

REFUSED: list[tuple[Any, Any]] = [
    ("running", "Running"),
    ("300", 300),
    (300, "300"),
    (1, True),
    (True, 1),
    (0, False),
    (None, "null"),
    (None, False),
    ("true", True),
    (2**63, 2.0**63),
    (2**53 + 1, 2**53),
    (12345678901234567890, 1.2345678901234567e19),
    ({"exactly": "10.0.0.1"}, "010.0.0.1"),
    ({"prefix": "a"}, 1),
    ({"prefix": "a"}, "A"),
    ({"prefix": "ab"}, "a"),
    ({"suffix": "b"}, "bc"),
    ({"suffix": "1"}, 1),
    ({"equals-ignore-case": "k"}, "\u212a"),  # the Kelvin sign folds into k; it is no k
    ({"prefix": {"equals-ignore-case": "k"}}, "\u212ax"),
    ({"equals-ignore-case": "1"}, 1),
    ({"anything-but": "a"}, "a"),
    ({"anything-but": 100}, 100.0),
    ({"anything-but": ["a", "b"]}, "b"),
    ({"anything-but": {"prefix": ["a", "b"]}}, "bc"),
    ({"anything-but": {"suffix": "c"}}, "bc"),
    ({"anything-but": {"equals-ignore-case": ["É"]}}, "é"),
    ({"anything-but": {"wildcard": "*/lib/*"}}, "/usr/lib/x"),
    ({"numeric": [">", 0, "<=", 5]}, 0),
    ({"numeric": ["=", 5]}, "5"),
    ({"numeric": [">", 0]}, True),
    ({"numeric": [">", 0]}, 2**63 - 1),  # no float holds it exactly: the reference does not compare it
    ({"numeric": [">", 0]}, float("inf")),
    ({"numeric": ["<", 0]}, float("nan")),
    ({"cidr": "10.0.0.0/24"}, "10.0.1.0"),
    ({"cidr": "10.0.0.0/24"}, "10.0.0"),
    ({"cidr": "10.0.0.0/24"}, "10.0.0.1 "),
    ({"cidr": "10.0.0.0/24"}, 10),
    ({"cidr": "2001:db8::/32"}, "2001:db9::"),
    ({"cidr": "2001:db8::/32"}, "32.1.13.184"),
    ({"cidr": "::/1"}, "1::2::3"),
    ({"cidr": "::/1"}, "1:2:3:4:5:6:7:8:9"),
    ({"cidr": "::/1"}, "10000::"),
    ({"wildcard": "a*a"}, "a"),
    ({"wildcard": "a*b*c"}, "acb"),
    ({"wildcard": "*x*"}, 1),
    ({"wildcard": "a\\*b"}, "axb"),
]


@pytest.mark.parametrize(("wanted", "value"), ALLOWED, ids=repr)
def test_a_wanted_value_matches(wanted: object, value: object) -> None:
    assert pattern.compile({"a": [wanted]}).matches({"a": value})
    assert pattern.Index({"p": {"a": [wanted]}}).match({"a": value}) == {"p"}


@pytest.mark.parametrize(("wanted", "value"), REFUSED, ids=repr)
def test_an_unwanted_value_does_not_match(wanted: object, value: object) -> None:
    assert not pattern.compile({"a": [wanted]}).matches({"a": value})
    assert pattern.Index({"p": {"a": [wanted]}}).match({"a": value}) == set()


def test_no_form_of_a_character_begins_its_other_form() -> None:
    for form, other in ((chr(code).lower(), chr(code).upper()) for code in range(sys.maxunicode + 1)):
        assert form == other or not (form.startswith(other) or other.startswith(form))


def test_one_wanted_value_is_enough() -> None:
    either = pattern.compile({"a": ["x", {"prefix": "y"}, None]})
    assert [either.matches({"a": value}) for value in ("x", "yz", None, "z")] == [True, True, True, False]


@pytest.mark.parametrize("event", [{}, {"b": 1}, {"a": {}}, {"a": {"b": 1}}, {"a": []}, {"a": [{}]}])
def test_a_field_without_a_scalar_is_absent(event: dict[str, Any]) -> None:
    assert pattern.compile({"a": [{"exists": False}]}).matches(event)
    assert not pattern.compile({"a": [{"exists": True}]}).matches(event)
    assert not pattern.compile({"a": [{"anything-but": "x"}]}).matches(event)


def test_absence_and_a_value_may_both_be_allowed() -> None:
    optional = pattern.compile({"a": [{"exists": False}, "x"]})
    assert optional.matches({})
    assert optional.matches({"a": "x"})
    assert not optional.matches({"a": "y"})


def test_every_field_must_match() -> None:
    both = pattern.compile({"source": ["aws.ec2"], "detail": {"state": ["stopped"]}})
    assert both.matches({"source": "aws.ec2", "detail": {"state": "stopped", "more": 1}})
    assert not both.matches({"source": "aws.ec2", "detail": {"state": "running"}})
    assert not both.matches({"source": "aws.ec2"})


@pytest.mark.parametrize("event", [{"a": {"b": {"c": 1}}}, {"a.b": {"c": 1}}, {"a": {"b.c": 1}}, {"a.b.c": 1}])
@pytest.mark.parametrize("given", [{"a": {"b": {"c": [1]}}}, {"a.b": {"c": [1]}}, {"a.b.c": [1]}])
def test_a_dot_in_a_name_is_a_step(given: dict[str, Any], event: dict[str, Any]) -> None:
    assert pattern.compile(given).matches(event)
    assert pattern.Index({"p": given}).match(event) == {"p"}


def test_the_reference_quirk_of_quotes_is_kept() -> None:
    assert pattern.compile({"a": [{"prefix": 'ab"'}]}).matches({"a": "ab"})
    assert pattern.compile({"a": [{"suffix": '"ab'}]}).matches({"a": "ab"})
    assert not pattern.compile({"a": [{"prefix": 'ab"'}]}).matches({"a": "abc"})
