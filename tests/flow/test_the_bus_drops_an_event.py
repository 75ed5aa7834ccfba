"""In the sandbox: what the bus drops the sweep finds, what both bring is one, and heartbeats come through."""

import json
from typing import Any

import pytest

from cli import heartbeat, incidents
from cli.account import Account
from tests.flow.deployed import until

pytestmark = [pytest.mark.sandbox, pytest.mark.soak]

RULE = "edsr-cloudwatch-lambda-canary-rollback"
SWEEPS = 100
"""Seconds that the sweep may take: it looks each minute, at what is half a minute old."""


def alarm(account: Account, name: str) -> None:
    """An alarm of a function that no service has goes into ALARM: what comes of it is only observed."""
    cloudwatch = account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Dimensions=[{"Name": "FunctionName", "Value": name}],
        Statistic="Sum",
        Period=3600,  # so long without data that it stays as it was set
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")


def about(account: Account, name: str) -> list[Any]:
    """The incidents about it."""
    return [one for one in incidents.every(account) if one.finding.condition == name]


def test_what_is_dropped_is_found_and_what_is_told_as_well_is_one(account: Account) -> None:
    bus = account.client("events")
    bus.disable_rule(Name=RULE)
    alarm(account, "canary-dropped")
    bus.enable_rule(Name=RULE)
    alarm(account, "canary-told")
    (told,) = until(lambda: about(account, "canary-told"))
    assert told.finding.origin == "event"
    (dropped,) = until(lambda: about(account, "canary-dropped"), SWEEPS)
    assert dropped.finding.origin == "sweep"

    def handed() -> bool:
        item = account.client("dynamodb").get_item(
            TableName="edsr-state", Key={"pk": {"S": "PLL#alarms"}, "sk": {"S": "-"}}
        )
        return len(item.get("Item", {}).get("known", {"M": {}})["M"]) >= 2

    until(handed, SWEEPS)
    until(lambda: not waiting(account))
    assert [len(about(account, name)) for name in ("canary-dropped", "canary-told")] == [1, 1]


def waiting(account: Account) -> int:
    """How many findings decide has not handled."""
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName="edsr-findings")["QueueUrl"]
    asked = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=asked)["Attributes"].values()))


@pytest.mark.parametrize("poll", ["health", "hub-findings", "open-access", "threats", "weaknesses"])
def test_a_poll_of_a_service_that_nobody_uses_here_is_no_failure(account: Account, poll: str) -> None:
    said = json.dumps({"v": 1, "poll": poll})

    def answer() -> Any:
        """The engine takes its time to read up on a service that it is asked for the first time."""
        payload = account.client("lambda").invoke(FunctionName="edsr-sweep-missed", Payload=said)["Payload"].read()
        told = json.loads(payload)
        return None if told.get("errorType") == "Transient" else told

    assert until(answer, SWEEPS) == {"standing": 0, "handed": 0, "failed": 0}


def test_a_heartbeat_comes_each_minute_and_the_machine_lets_it_end(account: Account) -> None:
    beat = until(lambda: heartbeat.last(account), SWEEPS)
    assert not beat.late
    states = account.client("stepfunctions")
    machine = states.list_state_machines()["stateMachines"][0]["stateMachineArn"]
    said = {"stateMachineArn": machine, "name": "heartbeat-test", "input": json.dumps({"inc": "heartbeat", "v": 1})}
    arn = states.start_execution(**said)["executionArn"]
    until(lambda: states.describe_execution(executionArn=arn)["status"] == "SUCCEEDED")
