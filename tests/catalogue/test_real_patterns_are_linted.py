"""Patterns and events that others wrote: lint takes them all, and what it fits is matched."""

import json
from functools import cache
from typing import Any

import pytest

from edsr import pattern
from edsr.pattern import PatternInvalid
from edsr.policy import Policy
from infra.catalogue import catalogue, discover
from infra.lint.known import Known
from infra.lint.patterns import pattern_rules
from infra.lint.shapes import fitted
from tests.estate import EVENTS, ROOT
from tests.policies import SHIPPED, read

SHARED = ROOT.parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the collected real patterns are not beside the repository")


@cache
def patterns() -> list[dict[str, Any]]:
    """Every pattern of the matrix that is one, once."""
    lines = (SHARED / "iac_pattern_matrix.jsonl").read_text(encoding="utf-8").splitlines()
    said = {json.dumps(json.loads(line)["pattern"], sort_keys=True) for line in lines}
    return [one for one in map(json.loads, sorted(said)) if is_pattern(one)]


def is_pattern(said: Any) -> bool:
    try:
        pattern.compile(said)
    except PatternInvalid:
        return False
    return True


def known() -> Known:
    events = SHARED / "events"
    return Known(catalogue(), discover().detectors, {}, frozenset(), ROOT, events, {})


def test_lint_takes_every_real_pattern() -> None:
    shipped, real = Policy.model_validate(read(SHIPPED / "lambda-canary-rollback.json")), known()
    for said in patterns():
        detect = shipped.detect.model_copy(update={"pattern": said, "source": "none"})
        for problem in pattern_rules(shipped.model_copy(update={"detect": detect}), real):
            assert problem.what
            assert problem.at[:2] == ("detect", "pattern")


def test_what_is_fitted_to_a_real_pattern_is_matched_by_it() -> None:
    events, found = list(known().events.values()), 0
    for said in patterns():
        compiled = pattern.compile(said)
        for event in events:
            if (made := fitted(event, compiled)) is not None:
                found += 1
                assert compiled.matches(made)
                assert event == made or not compiled.matches(event)
    assert found > len(patterns())


def test_our_own_events_are_known() -> None:
    assert set(Known(catalogue(), {}, {}, frozenset(), ROOT, EVENTS, {}).events)
