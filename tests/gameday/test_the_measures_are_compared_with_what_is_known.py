"""What is known of a day stands beside what the audit and the metrics say: whichever is otherwise is named."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from cli.gameday import documents
from cli.gameday.truth import Between, Compared, Known, compared, read
from edsr.indicators.table import INDICATORS
from edsr.indicators.totals import Figure
from edsr.metrics import NAMESPACE
from tests.gameday.evidence import a_day

RATE = next(one for one in INDICATORS if one.id == "M3")
DAYS = documents.every()
UNUSUAL: dict[str, float] = {"M3": 0, "M5": 1, "M6": 1, "M9": 1}
"""A figure that each has to have at least once, for that a measure which always says the same shows nothing."""


def line(**changes: Any) -> str:
    """A line of record's log, as CloudWatch reads metrics from it."""
    metrics = {"Namespace": NAMESPACE, "Dimensions": [["service"]], "Metrics": [{"Name": "DetectSeconds"}]}
    told = {"Timestamp": 1, "CloudWatchMetrics": [metrics | changes.pop("metrics", {})]}
    return json.dumps({"_aws": told, "service": "edsr", "incident_id": "i-1", "DetectSeconds": [1.5]} | changes)


def values(said: str) -> list[tuple[str, float]]:
    return [(one.metric, one.value) for one in read(said, {"i-1"})]


@pytest.mark.parametrize(
    ("known", "value", "right"),
    [
        (100.0, 100.0, True),
        (100.0, 99.9, False),
        (Between(most=2), 2.0, True),
        (Between(least=1, most=2), 0.0, False),
        (None, None, True),
        (None, 0.0, False),
        (0.0, None, False),
        (Between(most=2), None, False),
    ],
)
def test_both_have_to_say_what_is_known(known: Known, value: float | None, right: bool) -> None:
    said, true = Figure(RATE, value, 1), Figure(RATE, 1.0 if isinstance(known, Between) else known, 1)
    assert (Compared(said, None, known).wrong is None) is right
    assert (Compared(true, said, known).wrong is None) is right


def test_what_is_wrong_is_told_with_who_says_so() -> None:
    assert Compared(Figure(RATE, 100.0, 1), Figure(RATE, 50.0, 2), 100.0).wrong == (
        "M3, remediation success rate: known to be 100, and the metrics say 50 %"
    )


def test_only_what_is_known_is_compared() -> None:
    every = [Figure(one, 0.0, 1) for one in INDICATORS]
    assert [one.audited.indicator.id for one in compared({"M5": 0.0, "M3": 0.0}, every, every)] == ["M3", "M5"]
    assert compared({"M5": 0.0}, every, None)[0].emitted is None


def test_a_line_adds_what_it_says_of_the_days_incidents() -> None:
    assert values(line()) == [("DetectSeconds", 1.5)]
    assert values(line(DetectSeconds=2)) == [("DetectSeconds", 2.0)]
    assert values(line(incident_id="CTL#2026-03")) == [("DetectSeconds", 1.5)], "what was said of an incident"


@pytest.mark.parametrize(
    "said",
    [
        "START RequestId: 1",
        "[]",
        '{"level": "INFO"}',
        line(incident_id="i-2"),
        line(metrics={"Namespace": "theirs"}),
        line(metrics={"Metrics": [{"Name": "Duplicates"}]}),
    ],
)
def test_other_lines_add_nothing(said: str) -> None:
    assert values(said) == []


@pytest.mark.parametrize("said", [{"M11": 1}, {"m3": 1}, {"M3": "all"}, {"M3": {"most": 1, "about": 2}}])
def test_what_cannot_be_known_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_day(truth=said)


@pytest.mark.parametrize("indicator", INDICATORS, ids=lambda one: one.id)
def test_of_each_measure_something_is_known(indicator: Any) -> None:
    known = [day.expect.truth[indicator.id] for day in DAYS if indicator.id in day.expect.truth]
    assert [one for one in known if one is not None], "only that nothing could be told"
    if indicator.id in UNUSUAL:
        assert UNUSUAL[indicator.id] in known
    if indicator.id == "M4":
        assert any(isinstance(one, float) and one > 0 for one in known)
    if indicator.id == "M7":
        assert any(isinstance(one, Between) and one.most < 99 for one in known)
