"""A policy's own tests, explain and backtest run its technique, with nothing but the files."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.policy.backtest.side import Side
from edsr.policy import Policy
from edsr.policy.examples import Given
from edsr.times import iso, parse
from infra.trial import outcome, trials
from tests import estate
from tests.estate import EVENTS
from tests.policies import SHIPPED
from tests.things import a_policy

DEPLOYED = {
    "source": "delivery",
    "pattern": {"source": ["aws.codedeploy"], "detail": {"state": ["FAILURE"]}},
}
PROD = {"environment": "prod", "tier": 1}
ALARM, FAILED, OTHER = (
    "cloudwatch/canary-alarm.json",
    "delivery/codedeploy-failed.json",
    "delivery/build-failed.json",
)


def chained(tests: Any = ()) -> Policy:
    """Deploy, then alarm, in one service."""
    said = {"after": [DEPLOYED], "within": "PT30M", "by": "service"}
    return a_policy(detect=a_policy().detect.model_dump(by_alias=True) | {"sequence": said}, tests=list(tests))


@pytest.mark.parametrize(
    ("after", "verdict"),
    [([], "quiet"), ([(FAILED, "PT5M")], "act"), ([(FAILED, "PT31M")], "quiet"), ([(OTHER, "PT5M")], "quiet")],
)
def test_a_sequence_is_tested_with_the_events_before_it(after: list[tuple[str, str]], verdict: str) -> None:
    said: dict[str, Any] = {"name": "x", "event": ALARM, "given": PROD, "expect": {"verdict": verdict}}
    said |= {"after": [{"event": event, "by": by} for event, by in after]}
    (trial,) = trials(chained([said]), EVENTS, {})
    assert trial.differences == []


def test_what_came_before_may_be_given_in_a_word() -> None:
    event = estate.event("cloudwatch/canary-alarm")
    assert outcome(chained(), event, Given.model_validate(PROD | {"preceded": True}), {}).verdict == "act"
    assert (
        outcome(chained(), event, Given.model_validate(PROD), {}).why == "what has to come before it is not all there"
    )


def test_an_event_before_that_cannot_be_read_is_told() -> None:
    said = {"name": "x", "event": ALARM, "after": [{"event": "no.json", "by": "PT1M"}], "expect": {"verdict": "act"}}
    (trial,) = trials(chained([said]), EVENTS, {})
    assert "no.json cannot be read: No such file" in trial.unreadable


def ask(side: Side, event: dict[str, Any]) -> list[str]:
    return [side.ask(side.policies[name], event).outcome.verdict for name in sorted(side.matching(event))]


def test_a_backtest_counts_what_is_recorded() -> None:
    policy = Policy.model_validate(json.loads((SHIPPED / "ecs-service-impaired.json").read_text()))
    side, event = Side({policy.id: policy}, SHIPPED), estate.event("delivery/ecs-service-impaired")
    said = []
    for second in (0, 1, 1, 2, 3):
        at = iso(parse(event["time"]) + timedelta(seconds=second))
        said += ask(side, event | {"time": at, "detail": event["detail"] | {"createdAt": at}})
    assert said == ["quiet", "quiet", "quiet", "observe", "quiet"]


def test_a_backtest_follows_a_sequence_where_the_catalogue_knows_the_service(tmp_path: Path) -> None:
    (tmp_path / "services").mkdir()
    alarm, failed = estate.event("cloudwatch/canary-alarm"), estate.event("delivery/codedeploy-failed")
    owned = [
        {"arn": "arn:aws:lambda:us-east-1:000000000000:function:checkout:live", "kind": "lambda:alias"},
        {"arn": f"arn:aws:codedeploy:us-east-1:000000000000:deploymentgroup:{_group(failed)}", "kind": "x:y"},
    ]
    service = json.loads((SHIPPED / "services" / "checkout.json").read_text()) | {"resources": owned}
    (tmp_path / "services" / "checkout.json").write_text(json.dumps(service))
    policy = chained()
    failed |= {"time": iso(parse(alarm["time"]) - timedelta(minutes=3))}
    assert ask(Side({policy.id: policy}, tmp_path), alarm) == ["quiet"]
    side = Side({policy.id: policy}, tmp_path)
    assert ask(side, failed) == []
    assert ask(side, alarm) == ["act"]


def _group(event: dict[str, Any]) -> str:
    return f"{event['detail']['application']}/{event['detail']['deploymentGroup']}"


SPEND = "billing/anomaly.json"


def costly(tests: Any = (), **said: Any) -> Policy:
    """What a day costs, judged by the days before it."""
    detect = {"source": "billing", "severity": "low", "pattern": {"source": ["aws.ce"]}}
    detect["anomaly"] = {"value.$": "detail.impact.totalActualSpend"} | said
    return a_policy(detect=detect, tests=list(tests))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({"earlier": 60, "usual": [99, 100, 101]}, "observe"),
        ({"earlier": 60, "usual": [480, 512.5, 550]}, "quiet"),
        ({"earlier": 40, "usual": [99, 100, 101]}, "quiet"),
        ({"earlier": 60}, "quiet"),
        ({}, "quiet"),
    ],
)
def test_an_anomaly_is_tested_with_the_numbers_that_are_usual(given: dict[str, Any], verdict: str) -> None:
    (trial,) = trials(
        costly([{"name": "x", "event": SPEND, "given": PROD | given, "expect": {"verdict": verdict}}]), EVENTS, {}
    )
    assert trial.differences == []


def test_the_usual_growth_of_a_counter_is_given() -> None:
    policy, event = costly(counter=True), estate.event("billing/anomaly")
    given = Given.model_validate(PROD | {"earlier": 100, "usual": [1, 2]})
    assert outcome(policy, event, given, {}).verdict == "observe"
    event["detail"]["impact"]["totalActualSpend"] = 152
    assert outcome(policy, event, given, {}).verdict == "quiet"


def test_an_event_without_the_number_is_quarantined() -> None:
    got = outcome(costly(**{"value.$": "detail.nothing"}), estate.event("billing/anomaly"), Given(), {})
    assert got.why.startswith("quarantined: detect.anomaly: 'detail.nothing' finds nothing")


def test_a_backtest_judges_the_numbers_that_are_recorded() -> None:
    policy = costly()
    side, event, said = Side({policy.id: policy}, SHIPPED), estate.event("billing/anomaly"), list[str]()
    for n, spent in enumerate([*[99, 100, 101] * 20, 900]):
        detail = event["detail"] | {"impact": {"totalActualSpend": spent}, "anomalyId": f"a-{n}"}
        said += ask(side, event | {"time": iso(parse(event["time"]) + timedelta(minutes=5 * n)), "detail": detail})
    assert said[:60] == ["quiet"] * 60
    assert said[60] != "quiet"
