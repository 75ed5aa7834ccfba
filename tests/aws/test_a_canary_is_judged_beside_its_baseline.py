"""A canary is judged beside a baseline that served at the same time; what says too little is refused."""

import re
from datetime import timedelta
from typing import Any

import pytest

from edsr.errors import Denied
from edsr.model import Judged
from tests import estate
from tests.aws.services import refusal
from tests.aws.stand_ins import answered
from tests.things import AT
from verify.probes.canary_is_no_worse import look
from verify.seen import Seen

BEGIN, OVER = AT, AT + timedelta(minutes=7)
"""AT is a whole minute: its five minutes are over after five, and measured after seven."""


def side(version: str) -> dict[str, Any]:
    metric = {"namespace": "AWS/Lambda", "dimensions": {"FunctionName": "checkout", "ExecutedVersion": version}}
    return {"total": metric | {"name": "Invocations"}, "bad": metric | {"name": "Errors"}}


ARGS = {"canary": side("8"), "baseline": side("7")}


class Figures:
    """CloudWatch's, for five minutes of each series; `missing` minutes have none."""

    def __init__(self, *, canary: tuple[int, int] = (200, 0), baseline: tuple[int, int] = (2000, 2)) -> None:
        self.values = {"canary_total": canary[0], "canary_bad": canary[1]}
        self.values |= {"baseline_total": baseline[0], "baseline_bad": baseline[1]}
        self.missing: dict[str, set[int]] = {}
        self.code = "Complete"

    def answer(self, said: dict[str, Any]) -> dict[str, Any]:
        """As it was asked."""
        assert (said["StartTime"], said["EndTime"]) == (BEGIN, BEGIN + timedelta(minutes=5))
        return {"MetricDataResults": [self._series(query["Id"]) for query in said["MetricDataQueries"]]}

    def _series(self, name: str) -> dict[str, Any]:
        minutes = sorted(set(range(5)) - self.missing.get(name, set()))
        times = [BEGIN + timedelta(minutes=minute) for minute in minutes]
        return {
            "Id": name,
            "Timestamps": times,
            "Values": [float(self.values[name])] * len(times),
            "StatusCode": self.code,
        }


def judged(figures: Figures, now: Any = OVER, **args: Any) -> Seen:
    with answered("cloudwatch", "GetMetricData", figures.answer):
        return look(estate.client, ARGS | args, since=BEGIN, now=now)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("canary", "baseline", "expected", "said"),
    [
        ((400, 0), (2000, 2), Judged.BETTER, "0 of 2000 failed, beside 10 of 10000"),
        ((400, 20), (2000, 2), Judged.WORSE, "100 of 2000 failed, beside 10 of 10000"),
        ((400, 20), (2000, 100), Judged.UNKNOWN, "100 of 2000 failed, beside 500 of 10000: between -"),
        ((90, 0), (2000, 2), Judged.UNKNOWN, "0 of 450 failed, .*: each has to have served 500"),
        ((400, 0), (90, 0), Judged.UNKNOWN, "each has to have served 500"),
        ((2000, 2), (2000, 2), Judged.UNKNOWN, "a canary serves at most 30 %"),
        ((200, 400), (2000, 2), Judged.UNKNOWN, "more failed than there were"),
    ],
)
def test_it_is_better_or_worse_only_when_that_is_sure(
    canary: tuple[int, int], baseline: tuple[int, int], expected: Judged, said: str
) -> None:
    seen = judged(Figures(canary=canary, baseline=baseline))
    assert seen.judged is expected
    assert re.search(said, seen.observed)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("now", [AT, AT + timedelta(minutes=5), OVER - timedelta(seconds=1)])
def test_it_is_looked_at_once_when_its_minutes_are_over_and_measured(now: Any) -> None:
    """CloudWatch is not even asked: to look often would be to find by chance."""
    with answered("cloudwatch", "GetMetricData", lambda _: {}) as asked:
        assert look(estate.client, ARGS, since=BEGIN, now=now).judged is Judged.PENDING
    assert asked == []


@pytest.mark.usefixtures("aws")
def test_the_minute_of_the_step_itself_does_not_count() -> None:
    figures = Figures(canary=(400, 0))
    with answered("cloudwatch", "GetMetricData", figures.answer):
        since = BEGIN - timedelta(seconds=30)
        assert look(estate.client, ARGS, since=since, now=OVER).judged is Judged.BETTER


@pytest.mark.usefixtures("aws")
def test_only_the_minutes_in_which_both_served_count() -> None:
    figures = Figures(canary=(400, 0))
    figures.missing = {"canary_total": {0, 1}, "canary_bad": {0, 1}}
    assert "0 of 1200 failed, beside 6 of 6000" in judged(figures).observed


@pytest.mark.usefixtures("aws")
def test_a_side_of_which_no_failure_is_told_failed_not_at_all() -> None:
    figures = Figures(canary=(400, 9))
    figures.missing = {"canary_bad": set(range(5))}
    assert judged(figures).judged is Judged.BETTER


@pytest.mark.usefixtures("aws")
def test_a_part_of_an_answer_is_none() -> None:
    figures = Figures(canary=(400, 0))
    figures.code = "PartialData"
    assert judged(figures).judged is Judged.PENDING


@pytest.mark.usefixtures("aws")
def test_how_long_how_much_and_how_near_can_be_said() -> None:
    assert judged(Figures(canary=(90, 0)), least=400).judged is not Judged.PENDING
    assert judged(Figures(canary=(2000, 2)), largest=50).judged is Judged.BETTER
    assert judged(Figures(canary=(400, 20), baseline=(2000, 90)), margin=30).judged is Judged.BETTER


@pytest.mark.usefixtures("aws")
def test_who_may_not_read_metrics_says_so() -> None:
    def refuse(_: dict[str, Any]) -> dict[str, Any]:
        raise refusal("AccessDenied", 403)

    with answered("cloudwatch", "GetMetricData", refuse), pytest.raises(Denied, match="comparing a canary"):
        look(estate.client, ARGS, since=BEGIN, now=OVER)
