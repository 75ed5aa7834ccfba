"""Burn-rate alarms come out of the objectives: two windows each, one page, names that policies can detect on."""

import ast
from decimal import Decimal
from typing import Any

import pytest

from edsr import pattern
from edsr.budget import PAIRS, Counted, burn_rate
from edsr.policy import Library, Objective
from infra import POLICIES
from infra.parts.objectives import expression
from tests.infra.reading import Assembly, Properties
from tests.unit.test_an_error_budget_is_counted_exactly import an_objective, by_good

OBJECTIVES = Library.at(POLICIES).objectives()
NAMES = {
    "fast": {"fast-5m": (300, 5), "fast-1h": (3600, 5)},
    "sustained": {"sustained-30m": (1800, 2), "sustained-6h": (21600, 2)},
}


def burning(prod: Assembly, kind: str) -> dict[str, Properties]:
    found = prod.compute.of(kind).values()
    return {item["AlarmName"]: item for item in found if item["AlarmName"].startswith("edsr-burn-")}


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.id)
def test_an_objective_has_an_alarm_for_each_window_on_its_own_metrics(prod: Assembly, objective: Objective) -> None:
    alarms = burning(prod, "AWS::CloudWatch::Alarm")
    for windows in NAMES.values():
        for name, (seconds, threshold) in windows.items():
            alarm = alarms[f"edsr-burn-{objective.id}-{name}"]
            *metrics, burn = alarm["Metrics"]
            assert {one["MetricStat"]["Period"] for one in metrics} == {seconds}
            assert [one["MetricStat"]["Metric"]["MetricName"] for one in metrics] == [
                objective.indicator.total.name,
                objective.indicator.part.name,
            ]
            assert [one["ReturnData"] for one in alarm["Metrics"]] == [False, False, True]
            assert burn["Expression"] == expression(objective)
            assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (threshold, "GreaterThanThreshold")
            assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (1, "notBreaching")
            assert "AlarmActions" not in alarm
            assert seconds * alarm["EvaluationPeriods"] <= 86_400


@pytest.mark.parametrize("objective", OBJECTIVES, ids=lambda objective: objective.id)
def test_both_windows_make_one_alarm_and_only_the_fast_one_pages(prod: Assembly, objective: Objective) -> None:
    topic = prod.compute.identity("AWS::SNS::Topic", TopicName="edsr-pages")
    for pair, windows in NAMES.items():
        name = f"edsr-burn-{objective.id}-{pair}"
        both = burning(prod, "AWS::CloudWatch::CompositeAlarm")[name]
        assert both["AlarmRule"] == " AND ".join(f'ALARM("edsr-burn-{objective.id}-{window}")' for window in windows)
        assert both.get("AlarmActions", []) == ([f"<{topic}>"] if pair == "fast" else [])
        (made,) = [
            item
            for item in prod.compute.resources("AWS::CloudWatch::CompositeAlarm").values()
            if item["Properties"]["AlarmName"] == name
        ]
        alarms = prod.compute.named("AWS::CloudWatch::Alarm", "AlarmName")
        assert {alarms[needed] for needed in made["DependsOn"]} == {f"edsr-burn-{objective.id}-{w}" for w in windows}


def test_there_are_no_others_and_they_are_within_what_cloudwatch_takes(prod: Assembly) -> None:
    alarms, both = (burning(prod, f"AWS::CloudWatch::{kind}") for kind in ("Alarm", "CompositeAlarm"))
    assert (len(alarms), len(both)) == (4 * len(OBJECTIVES), 2 * len(OBJECTIVES))
    assert all(len(name) <= 255 for name in (*alarms, *both))
    assert all(len(item["AlarmRule"]) <= 10_240 for item in both.values())
    assert all(len(one.get("Expression", "")) <= 2_048 for item in alarms.values() for one in item["Metrics"])


def test_a_policy_can_detect_on_them() -> None:
    """As CloudWatch tells of a composite alarm: the name is all that a policy needs."""
    wanted = {"source": ["aws.cloudwatch"], "detail": {"alarmName": [{"wildcard": "edsr-burn-checkout-*-fast"}]}}
    for pair in PAIRS:
        event = {"source": "aws.cloudwatch", "detail": {"alarmName": f"edsr-burn-checkout-availability-{pair.name}"}}
        assert pattern.compile(wanted).matches(event) is (pair.name == "fast")


@pytest.mark.parametrize("objective", [an_objective(), by_good(), an_objective(target="99.9999")])
@pytest.mark.parametrize("part", [0, 1, 400, 1000])
def test_the_maths_is_that_of_the_gate(objective: Objective, part: int) -> None:
    said = expression(objective).replace("FILL(part, 0)", "part")
    rate = calculated(ast.parse(said, mode="eval").body, {"total": Decimal(1000), "part": Decimal(part)})
    assert rate.quantize(Decimal("0.01")) == burn_rate(objective, Counted(Decimal(1000), Decimal(part)))


def calculated(node: Any, named: dict[str, Decimal]) -> Decimal:
    """The four operations, as metric maths has them."""
    if isinstance(node, ast.Name):
        return named[node.id]
    if isinstance(node, ast.Constant):
        return Decimal(str(node.value))
    left, right = calculated(node.left, named), calculated(node.right, named)
    return left / right if isinstance(node.op, ast.Div) else left - right
