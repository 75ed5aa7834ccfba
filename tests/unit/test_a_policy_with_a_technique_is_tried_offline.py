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
