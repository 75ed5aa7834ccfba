"""What the probes of capacity and flow make of queues, figures and what is kept ready."""

from datetime import timedelta
from typing import Any

import pytest

from edsr.model import Judged
from tests import estate
from tests.aws.capacity import QUEUE, WARM, function
from tests.aws.capacity_stand_ins import Runs, Warmth
from tests.aws.spare import DATABASE, RUN, a_group, stop_database, stop_instance
from tests.aws.stand_ins import answered
from tests.things import AT
from verify.probes import (
    alias_is_warm,
    backlog_is_drained,
    function_is_well,
    group_is_within,
    nonproduction_rests,
    run_succeeded,
    throttles_fell,
)

WELL = {"function": WARM, "slowest": 800, "success": 99}


def figures(*spans: dict[str, float]) -> Any:
    """CloudWatch's answers, one span after the other; what is left out was not measured."""
    left = iter(spans)

    def answer(said: dict[str, Any]) -> dict[str, Any]:
        measured = next(left)
        names = {query["Id"]: query["MetricStat"]["Metric"]["MetricName"] for query in said["MetricDataQueries"]}
        values = {at: [measured[name]] if name in measured else [] for at, name in names.items()}
        return {"MetricDataResults": [{"Id": at, "Values": value} for at, value in values.items()]}

    return answered("cloudwatch", "GetMetricData", answer)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("waiting", "expected"),
    [(0, Judged.BETTER), (2, Judged.BETTER), (3, Judged.PENDING), (5, Judged.PENDING), (6, Judged.WORSE)],
)
def test_a_backlog_is_drained_when_no_more_wait_than_may(waiting: int, expected: Judged) -> None:
    url = estate.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    for _ in range(waiting):
        estate.client("sqs").send_message(QueueUrl=url, MessageBody="an order")
    said = {"queue": QUEUE, "acceptable": 2, "worst": 5}
    assert backlog_is_drained.look(estate.client, said, since=AT, now=AT).judged is expected


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        (20, "READY", Judged.BETTER),
        (30, "READY", Judged.BETTER),
        (19, "READY", Judged.PENDING),
        (20, "IN_PROGRESS", Judged.PENDING),
        (20, "FAILED", Judged.WORSE),
        (0, "READY", Judged.WORSE),
    ],
)
def test_an_alias_is_warm_when_all_that_was_asked_for_is_ready(asked: int, status: str, expected: Judged) -> None:
    function()
    warmth = Warmth()
    warmth.asked, warmth.status = {"checkout:live": asked} if asked else {}, status
    with warmth.answering():
        said = {"alias": WARM, "ready": 20}
        assert alias_is_warm.look(estate.client, said, since=AT, now=AT).judged is expected


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("measured", "minutes", "expected"),
    [
        ({"Invocations": 1000, "Errors": 10, "Duration": 800}, 3, Judged.BETTER),
        ({"Invocations": 1000, "Errors": 11, "Duration": 800}, 3, Judged.WORSE),
        ({"Invocations": 1000, "Duration": 801}, 3, Judged.WORSE),
        ({"Invocations": 1000, "Throttles": 11, "Duration": 500}, 3, Judged.WORSE),
        ({"Throttles": 11}, 3, Judged.UNKNOWN),
        ({}, 3, Judged.UNKNOWN),
        ({"Invocations": 1000, "Duration": 1}, 2, Judged.PENDING),
    ],
)
def test_a_function_is_well_when_it_is_fast_and_without_errors(
    measured: dict[str, float], minutes: int, expected: Judged
) -> None:
    with figures(measured) as asked:
        seen = function_is_well.look(estate.client, WELL, since=AT, now=AT + timedelta(minutes=minutes))
    assert seen.judged is expected
    spans = {(said["StartTime"], said["EndTime"]) for said in asked}
    assert spans == (set() if expected is Judged.PENDING else {(AT, AT + timedelta(minutes=3))})


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("before", "after", "minutes", "expected"),
    [
        ({"Throttles": 100}, {"Throttles": 50, "Invocations": 9}, 3, Judged.BETTER),
        ({"Throttles": 100}, {"Throttles": 51, "Invocations": 9}, 3, Judged.PENDING),
        ({"Throttles": 100}, {"Throttles": 101}, 3, Judged.WORSE),
        ({}, {"Throttles": 1}, 3, Judged.WORSE),
        ({}, {"Invocations": 9}, 3, Judged.BETTER),
        ({"Throttles": 100}, {}, 3, Judged.UNKNOWN),
        ({"Throttles": 100}, {"Invocations": 9}, 1, Judged.PENDING),
    ],
)
def test_throttles_fell_when_they_are_half_of_what_they_were(
    before: dict[str, float], after: dict[str, float], minutes: int, expected: Judged
) -> None:
    said = {"function": WARM}
    with figures(before, after):
        seen = throttles_fell.look(estate.client, said, since=AT, now=AT + timedelta(minutes=minutes))
    assert seen.judged is expected


@pytest.mark.usefixtures("aws")
def test_figures_of_an_alias_are_asked_for_by_function_and_alias() -> None:
    with figures({}) as asked:
        function_is_well.look(estate.client, WELL, since=AT, now=AT + timedelta(minutes=3))
    metric = asked[0]["MetricDataQueries"][0]["MetricStat"]["Metric"]
    assert {one["Name"]: one["Value"] for one in metric["Dimensions"]} == {
        "FunctionName": "checkout",
        "Resource": "checkout:live",
    }


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("SUCCEEDED", Judged.BETTER),
        ("RUNNING", Judged.PENDING),
        ("FAILED", Judged.WORSE),
        ("TIMED_OUT", Judged.WORSE),
        ("ABORTED", Judged.WORSE),
    ],
)
def test_a_run_succeeded_or_did_not(status: str, expected: Judged) -> None:
    runs = Runs(RUN)
    runs.run["status"] = status
    with runs.answering():
        assert run_succeeded.look(estate.client, {"run": RUN}, since=AT, now=AT).judged is expected


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(1, 2, Judged.BETTER), (2, 9, Judged.BETTER), (0, 1, Judged.PENDING), (3, 9, Judged.WORSE)],
)
def test_a_group_is_within_its_bounds_when_as_many_serve_as_may(least: int, most: int, expected: Judged) -> None:
    said = {"group": a_group(), "least": least, "most": most}
    assert group_is_within.look(estate.client, said, since=AT, now=AT).judged is expected


@pytest.mark.usefixtures("aws")
def test_of_a_group_that_is_not_there_nobody_can_say() -> None:
    said = {"group": a_group().replace("shop-test", "another"), "least": 0, "most": 0}
    assert group_is_within.look(estate.client, said, since=AT, now=AT).judged is Judged.UNKNOWN


@pytest.mark.usefixtures("aws")
def test_what_is_stopped_rests_and_what_runs_does_not() -> None:
    instance = stop_instance().target
    stop_database()

    def judged(what: str) -> Judged:
        return nonproduction_rests.look(estate.client, {"what": what}, since=AT, now=AT).judged

    assert (judged(instance), judged(DATABASE)) == (Judged.WORSE, Judged.WORSE)
    estate.client("ec2").stop_instances(InstanceIds=[instance.rsplit("/", 1)[1]])
    estate.client("rds").stop_db_instance(DBInstanceIdentifier="shop-test")
    assert (judged(instance), judged(DATABASE)) == (Judged.BETTER, Judged.BETTER)
