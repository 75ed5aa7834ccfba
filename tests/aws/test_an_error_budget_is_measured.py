"""Budgets out of CloudWatch: one call in the shape that AWS takes, exact windows, a memory of a minute, and no
exception: what cannot be read is not known."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from edsr.aws.budgets import POINTS, measure
from edsr.budget import Budget, Burn
from edsr.policy import Objective
from edsr.ports import Client
from tests import estate
from tests.aws.services import refusal
from tests.things import AT
from tests.unit.test_an_error_budget_is_counted_exactly import an_objective, by_good

Counts = dict[int, int]
"""Minutes before AT -> how many."""


class CloudWatch:
    """A CloudWatch with these figures; it counts the calls, and may answer otherwise."""

    def __init__(self, total: Counts, part: Counts) -> None:
        self.series = {"total": total, "part": part}
        self.asked: list[dict[str, Any]] = []
        self.changed: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer

    def get_metric_data(self, **said: Any) -> dict[str, Any]:
        """The sums of each period, newest first, as AWS gives them; periods without figures are left out."""
        self.asked.append(said)
        results = [self._result(query, said["StartTime"], said["EndTime"]) for query in said["MetricDataQueries"]]
        return self.changed({"MetricDataResults": results})

    def _result(self, query: dict[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
        period = timedelta(seconds=query["MetricStat"]["Period"])
        sums: dict[datetime, float] = {}
        for minutes, count in self.series[query["Id"]].items():
            at = AT - timedelta(minutes=minutes)
            begin = at - (at - datetime(2020, 1, 1, tzinfo=AT.tzinfo)) % period
            if start <= begin < end:
                sums[begin] = sums.get(begin, 0.0) + count
        newest = sorted(sums, reverse=True)
        values = [sums[at] for at in newest]
        return {"Id": query["Id"], "Timestamps": newest, "Values": values, "StatusCode": "Complete"}


def measured(client: Client, objective: Objective | None = None, *, left: bool = False, at: datetime = AT) -> Budget:
    return measure(client, objective or an_objective(), left=left, now=at)


def test_each_window_is_counted_to_the_minute() -> None:
    calls = dict.fromkeys(range(1, 361), 1000)
    errors = {1: 5, 5: 20, 6: 100, 31: 1000, 360: 10_000, 361: 10**6}
    budget = measured(CloudWatch(calls | {361: 1000}, errors))
    assert budget.fast == Burn(Decimal(5), Decimal("18.75"))
    assert budget.sustained == Burn(Decimal("4.17"), Decimal("30.90"))
    assert budget.left is None


def test_what_is_left_is_counted_over_the_whole_window() -> None:
    calls = {minutes * 60: 100_000 for minutes in range(1, 28 * 24 + 1)}
    cloudwatch = CloudWatch(calls, {60: 100, 28 * 24 * 60: 33_500})
    assert measured(cloudwatch, left=True).left == Decimal("50.00")
    (asked,) = cloudwatch.asked
    assert asked["EndTime"] - asked["StartTime"] == timedelta(days=28)
    assert {query["MetricStat"]["Period"] for query in asked["MetricDataQueries"]} == {300}


def test_the_longest_window_there_may_be_fits_into_one_answer() -> None:
    cloudwatch = CloudWatch({}, {})
    measured(cloudwatch, an_objective(window="P60D"), left=True)
    (asked,) = cloudwatch.asked
    points = 2 * (asked["EndTime"] - asked["StartTime"]) / timedelta(minutes=5)
    assert points <= POINTS == asked["MaxDatapoints"]


def test_a_service_that_nobody_calls_has_no_burn_rate() -> None:
    assert measured(CloudWatch({}, {})) == Budget(why="nothing was counted in a window")


def test_a_pause_does_not_hide_what_the_long_window_shows() -> None:
    budget = measured(CloudWatch({10: 1000}, {10: 0}))
    assert budget.fast == Burn(None, Decimal(0))
    assert budget.above(Decimal(5)) is False


def test_where_all_is_counted_and_nothing_good_is_told_all_was_bad() -> None:
    assert measured(CloudWatch({1: 10}, {}), by_good()).rate == Decimal(1000)
    assert measured(CloudWatch({1: 10}, {})).rate == Decimal(0)


def test_an_answer_holds_for_a_minute_and_for_one_objective() -> None:
    cloudwatch = CloudWatch({1: 1000}, {1: 1})
    for seconds in (0, 30, 59):
        assert measured(cloudwatch, at=AT + timedelta(seconds=seconds)).fast.short == Decimal(1)
    assert len(cloudwatch.asked) == 1
    measured(cloudwatch, at=AT + timedelta(seconds=60))
    assert len(cloudwatch.asked) == 2
    measured(cloudwatch, an_objective(target=99), at=AT + timedelta(seconds=60))
    measured(cloudwatch, left=True, at=AT + timedelta(seconds=60))
    assert len(cloudwatch.asked) == 4
    measured(cloudwatch, at=AT)
    assert len(cloudwatch.asked) == 5


def raising(error: Exception) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def answer(_: dict[str, Any]) -> dict[str, Any]:
        raise error

    return answer


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (raising(refusal("AccessDenied", 403)), "Denied: measuring checkout-availability: "),
        (raising(refusal("Throttling")), "Transient: measuring checkout-availability: "),
        (raising(refusal("InternalServiceFault", 500)), "Transient: "),
        (raising(refusal("InvalidParameterCombination")), "Rejected: "),
        (raising(EndpointConnectionError(endpoint_url="https://x")), "Transient: "),
        (lambda answer: answer | {"NextToken": "more"}, "_Incomplete: CloudWatch answered in part"),
        (lambda answer: {"MetricDataResults": answer["MetricDataResults"][:1]}, "_Incomplete: "),
        (
            lambda answer: {
                "MetricDataResults": [one | {"StatusCode": "PartialData"} for one in answer["MetricDataResults"]]
            },
            "_Incomplete: ",
        ),
    ],
)
def test_what_cannot_be_read_whole_is_not_known_and_asked_again_soon(
    changed: Callable[[dict[str, Any]], dict[str, Any]], why: str
) -> None:
    cloudwatch = CloudWatch({1: 1000}, {1: 1})
    cloudwatch.changed = changed
    for seconds in (0, 9):
        budget = measured(cloudwatch, at=AT + timedelta(seconds=seconds))
        assert (budget.rate, budget.above(Decimal(5))) == (None, None)
        assert budget.why.startswith(why)
    assert len(cloudwatch.asked) == 1
    cloudwatch.changed = lambda answer: answer
    assert measured(cloudwatch, at=AT + timedelta(seconds=10)).fast.short == Decimal(1)


@pytest.fixture
def stubbed(credentials: None) -> Iterator[tuple[Client, Stubber]]:  # noqa: ARG001 - a client needs some
    client = boto3.client("cloudwatch", region_name=estate.REGION)
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def test_it_asks_in_the_shape_of_botocores_own_model(stubbed: tuple[Client, Stubber]) -> None:
    client, stub = stubbed
    at = AT - timedelta(minutes=1)
    results = [
        {"Id": name, "Label": name, "Timestamps": [at], "Values": [value], "StatusCode": "Complete"}
        for name, value in {"total": 1000.0, "part": 2.5}.items()
    ]
    metrics = {
        name: {
            "Namespace": "AWS/Lambda",
            "MetricName": metric,
            "Dimensions": [{"Name": "FunctionName", "Value": "checkout"}],
        }
        for name, metric in {"total": "Invocations", "part": "Errors"}.items()
    }
    asked = {
        "MetricDataQueries": [
            {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}
            for name, metric in metrics.items()
        ],
        "StartTime": AT - timedelta(hours=6),
        "EndTime": AT,
        "MaxDatapoints": 100_800,
    }
    stub.add_response("get_metric_data", {"MetricDataResults": results}, asked)
    assert measured(client, at=AT + timedelta(seconds=59)).rate == Decimal("2.50")


def test_moto_answers_it(aws: None) -> None:  # noqa: ARG001 - moto has to answer first
    client = boto3.client("cloudwatch", region_name=estate.REGION)
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": "FunctionName", "Value": "checkout"}],
            "Value": value,
            "Timestamp": AT - timedelta(minutes=3),
        }
        for name, value in {"Invocations": 100, "Errors": 1}.items()
    ]
    client.put_metric_data(Namespace="AWS/Lambda", MetricData=data)
    assert measured(client).rate == Decimal(10)
