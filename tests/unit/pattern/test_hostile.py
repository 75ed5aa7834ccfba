"""Hostile patterns are refused and hostile events are answered, both soon."""

import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from edsr import pattern

SECONDS, MEGABYTES = 2.0, 64


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    """Far more than is needed, far less than anything exponential or quadratic would take."""
    tracemalloc.start()
    start = process_time()
    yield
    took, (_, peak) = process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert took < SECONDS * 5  # tracing costs a factor
    assert peak < MEGABYTES * 2**20


def nested(depth: int, innermost: object) -> dict[str, Any]:
    value: Any = innermost
    for _ in range(depth):
        value = {"a": value}
    return {"a": value}


def itself() -> dict[str, Any]:
    given: dict[str, Any] = {}
    given["a"] = given
    return given


HOSTILE = {
    "deep nesting": nested(100_000, ["x"]),
    "a pattern in itself": itself(),
    "deep lists": {"a": [[[]]] * 3 + [nested(5000, [])]},
    "an exponential $or": {f"k{n}": {"$or": [{"a": [1]}, {"b": [1]}]} for n in range(40)},
    "a long $or": {"$or": [{"a": [number]} for number in range(1001)]},
    "nested $or": nested(
        50,
        {
            "$or": [
                {"x": {"$or": [{f"y{n}": [1]} for n in range(40)]}, "z": {"$or": [{f"y{n}": [1]} for n in range(40)]}},
                {"q": [1]},
            ]
        },
    ),
    "a huge wildcard": {"a": [{"wildcard": "*a" * 100_000}]},
    "a repetitive wildcard": {"a": [{"wildcard": "*" + "ab" * 4000}]},
    "a long list": {"a": [f"value-{number}" for number in range(100_000)]},
    "a long anything-but": {"a": [{"anything-but": list(range(100_000))}]},
    "many fields": {f"k{number}": [1] for number in range(257)},
    "a huge number": {"a": [1 << 1_000_000]},
    "a huge prefix": {"a": [{"prefix": {"equals-ignore-case": "é" * 1_000_000}}]},
}


@pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_pattern_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(pattern.PatternInvalid):
        pattern.compile(given)


def test_the_largest_wildcard_that_is_allowed_is_linear_in_the_event() -> None:
    greedy = pattern.compile({"a": [{"wildcard": "*a*b*c*d*"}, {"anything-but": {"wildcard": "*ab*ba*"}}]})
    assert greedy.matches({"a": "abc" * 100_000})


def test_a_long_text_in_any_case_is_read_and_matched_soon() -> None:
    text = "é" * 16_000
    assert pattern.compile({"a": [{"equals-ignore-case": text}]}).matches({"a": text.upper()})


@pytest.mark.parametrize("text", [":" * 200_000 + "x", "1." * 200_000, "1" * 300_000, "f:" * 100_000])
def test_what_is_no_address_is_soon_known_as_none(text: str) -> None:
    assert not pattern.compile({"a": [{"cidr": "::/0"}, "10.0.0.1"]}).matches({"a": text})


class Odd:
    """A value no JSON has; it cannot even be hashed."""

    __hash__ = None  # type: ignore[assignment]  # that is what makes it odd


def deep_list(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


ODD_EVENTS: list[Any] = [
    None,
    [],
    "text",
    {"a": nested(100_000, 1)},
    {"a": deep_list(100_000)},
    {"a": {1: 2, None: 3}, 5: 6},
    {"a": Odd(), "b": Odd()},
    {"a": {"b": Odd()}},
    {"a": {1, 2}, "b": (1, 2)},
    {"a": Decimal(1), "b": b"x"},
    {"a": float("nan"), "b": float("inf")},
    {"a": 10**5000, "b": -(10**5000)},
    {"a": "\ud800", "b": "\x00"},
    {"a": [[], [[]], {}, None]},
    {"": {"": 1}, ".": 2, "a.": 3},
]
EVERYTHING: dict[str, dict[str, Any]] = {
    str(wanted): {"a": [wanted], "b": [wanted, {"exists": False}], "a.b": [{"exists": False}]}
    for wanted in [
        *("x", 1, None, True, 10**30, "10.0.0.1", {"exists": True}, {"numeric": [">", 0]}, {"prefix": "x"}),
        *({"suffix": {"equals-ignore-case": "é"}}, {"anything-but": [1]}, {"wildcard": "*x*"}, {"cidr": "::/0"}),
    ]
}


@pytest.mark.parametrize("event", ODD_EVENTS, ids=lambda event: str(type(event)))
def test_an_odd_event_is_answered(event: Any) -> None:
    compiled = {name: pattern.compile(given) for name, given in EVERYTHING.items()}
    assert pattern.Index(compiled).match(event) == {name for name, one in compiled.items() if one.matches(event)}
    for one in compiled.values():
        assert one.explain(event)


def test_an_unhashable_value_is_something_other_than_what_is_excluded() -> None:
    assert pattern.compile({"a": [{"anything-but": "x"}]}).matches({"a": Odd()})


def test_importing_the_package_loads_nothing_but_the_standard_library() -> None:
    source = Path(pattern.__file__).parents[2]
    script = "import sys; old = set(sys.modules); import edsr.pattern; print(*(set(sys.modules) - old))"
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(source)!r}); {script}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()  # noqa: S603 - our own interpreter and script
    foreign = {name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names | {"edsr"}}
    heavy = {"decimal", "ipaddress", "json", "dataclasses", "asyncio", "socket", "inspect"} & set(loaded)
    assert foreign | heavy == set()
