"""Recorded answers of the reference matcher and of AWS itself; the data is not part of this repository."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edsr import pattern

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded cases (../shared/data) are not here")

# Where this package differs from a recorded answer on purpose: id, and the reason.
TWICE = (
    "a path asked for twice in one alternative: the reference keeps the later, or refuses it when told to; we refuse"
)
COMPLEX = "AWS refuses wildcards this complex; the reference leaves that to its caller"
DIFFERENT = {"er-0657": TWICE, "er-0658": TWICE, "ev-0286": COMPLEX}

# Differences that no recorded case shows; found by comparing answers with the reference on random input.
#   numbers are compared after parsing: a decimal of more than 17 digits is the float it parses to, not its text;
#   1e23 and 5e-324 are numbers like others: the reference cannot compare them, for its runtime spells them oddly;
#   numeric bounds at the largest float: the reference breaks down, we compare;
#   anything-but with {"prefix": []} and the like: the reference takes or breaks on it, we refuse;
#   a cidr of mask 0, and IPv6 blocks with short masks: the reference also takes numbers and IPv4 addresses, we do not;
#   characters beyond 16 bits in equals-ignore-case: the reference replaces them by question marks, we compare them;
#   equals-ignore-case with a multi-byte character beside a wildcard on one field: the reference mixes them up;
#   names that are empty at the end of a path: the reference skips them, we look them up;
#   one path spelled both with a dot in a name and through an array: the reference's faster matcher may miss the former,
#   its older one does not, and neither do we.


def rows(name: str) -> Iterator[dict[str, Any]]:
    return map(json.loads, (DATA / name).read_text(encoding="utf-8").splitlines())


def answer(given: dict[str, Any], event: dict[str, Any]) -> bool | str:
    try:
        return pattern.compile(given).matches(event)
    except pattern.PatternInvalid:
        return "invalid"


def accepted(text: str) -> bool:
    try:
        pattern.compile(json.loads(text))
    except (pattern.PatternInvalid, ValueError):
        return False
    return True


@pytest.mark.parametrize("name", ["event_ruler_cases.jsonl", "localstack_pattern_cases.jsonl"])
def test_recorded_events_are_answered_alike(name: str) -> None:
    cases = list(rows(name))
    wrong = {row["id"] for row in cases if answer(row["pattern"], row["event"]) != row["expected"]}
    assert len(cases) > 100
    assert wrong == {row["id"] for row in cases} & DIFFERENT.keys()


def test_recorded_patterns_are_valid_alike() -> None:
    cases = list(rows("event_ruler_pattern_validity.jsonl"))
    wrong = {row["id"] for row in cases if accepted(row["pattern_raw"]) != all(row["valid_by"].values())}
    assert wrong == {row["id"] for row in cases} & DIFFERENT.keys()


def test_patterns_in_the_wild_match_the_same_events() -> None:
    events = {str(file.relative_to(DATA)): json.loads(file.read_bytes()) for file in DATA.glob("events/*/*.json")}
    compiled = {}
    for row in rows("iac_pattern_matrix.jsonl"):
        try:
            compiled[row["id"]] = (pattern.compile(row["pattern"]), set(row["matches"]) & events.keys())
        except pattern.PatternInvalid:
            assert row["error"]
    index = pattern.Index({name: one for name, (one, _) in compiled.items()})
    for file, event in events.items():
        expected = {name for name, (_, matches) in compiled.items() if file in matches}
        assert index.match(event) == expected
        assert {name for name, (one, _) in compiled.items() if one.matches(event)} == expected
