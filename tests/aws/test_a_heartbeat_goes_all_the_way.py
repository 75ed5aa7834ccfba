"""A heartbeat goes through its detector and decide, leaves no record, and is missed when it does not come."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import decide.handler
import detect.heartbeat
import sweep.handler
from edsr import settings
from edsr.errors import Malformed
from edsr.times import iso
from tests import estate, policies
from tests.things import AT

DETECT = detect.heartbeat.handler
MACHINE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


class Way:
    """Everything that a heartbeat comes through."""

    def __init__(self, folder: Path) -> None:
        estate.make_tables()
        role = estate.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        made = estate.client("stepfunctions").create_state_machine(name="m", definition=MACHINE, roleArn=role)
        self.machine = made["stateMachineArn"]
        self.queue = estate.client("sqs").create_queue(QueueName="findings")["QueueUrl"]
        self.library, self.clock = policies.library(folder), estate.Clock(AT)

    def beat(self) -> Any:
        """What the Scheduler put now comes to the detector, and from the queue to decide."""
        detect = settings.Detect(findings_queue=self.queue, quarantine_queue=self.queue, state_table="edsr-state")
        event = {"source": "edsr.heartbeat", "time": iso(self.clock().replace(microsecond=0))}
        self._call(DETECT, event, detect)
        (message,) = estate.client("sqs").receive_message(QueueUrl=self.queue)["Messages"]
        record = {"messageId": "m", "body": message["Body"], "attributes": {"SentTimestamp": str(self.millis)}}
        given = settings.Decide(**estate.RATED.model_dump(mode="json"), machine=self.machine, quarantine_queue="q")
        return self._call(decide.handler.handler, {"Records": [record]}, given)

    def sweep(self) -> dict[str, int]:
        """The sweep looks."""
        given = settings.Sweep(**estate.TABLES.model_dump(), machine=self.machine, findings_queue=self.queue)
        done: dict[str, int] = self._call(sweep.handler.handler, {}, given)
        return done

    @property
    def millis(self) -> int:
        """When the message was sent."""
        return int(self.clock().timestamp() * 1000)

    def _call(self, handler: Any, event: dict[str, Any], given: settings.Settings) -> Any:
        return estate.call(handler, event, given, self.library, self.clock)

    def executions(self) -> list[str]:
        """What was started."""
        listed = estate.client("stepfunctions").list_executions(stateMachineArn=self.machine)["executions"]
        return [execution["name"] for execution in listed]


@pytest.fixture
def way(aws: None, tmp_path: Path) -> Way:  # noqa: ARG001 - moto has to answer first
    return Way(tmp_path / "policies")


def metrics(said: str) -> set[str]:
    """The names of every metric that was emitted."""
    lines = [json.loads(line) for line in said.splitlines() if '"_aws"' in line]
    return {metric["Name"] for line in lines for one in line["_aws"]["CloudWatchMetrics"] for metric in one["Metrics"]}


def test_it_is_counted_with_its_lags_and_leaves_no_record(way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    assert way.beat() == {"batchItemFailures": []}
    assert metrics(capsys.readouterr().out) == {
        "DetectLagSeconds",
        "QueueLagSeconds",
        "HeartbeatLagSeconds",
        "Heartbeats",
    }
    assert estate.client("dynamodb").scan(TableName="edsr-audit")["Items"] == []
    assert way.executions() == []


def test_the_first_of_an_hour_goes_through_the_machine_once(way: Way) -> None:
    way.clock.now = AT.replace(minute=0, second=20)
    way.beat()
    way.beat()
    assert way.executions() == ["heartbeat-2026030203"]


def test_one_that_does_not_come_is_missed_within_two_minutes(way: Way, capsys: pytest.CaptureFixture[str]) -> None:
    way.beat()
    way.clock.tick(seconds=60)
    way.beat()
    assert way.sweep().get("heartless", 0) == 0
    lost_at = way.clock() + timedelta(seconds=60)
    capsys.readouterr()
    while way.sweep().get("heartless", 0) == 0:
        way.clock.tick(seconds=60)
        assert way.clock() - lost_at < timedelta(minutes=2)
    assert "HeartbeatMissing" in metrics(capsys.readouterr().out)
    way.beat()
    assert way.sweep().get("heartless", 0) == 0


def test_before_the_first_there_is_none_to_miss(way: Way) -> None:
    assert way.sweep().get("heartless", 0) == 0


def test_one_without_a_time_is_no_heartbeat(way: Way) -> None:
    with pytest.raises(Malformed, match="lacks time"):
        estate.call(DETECT, {}, settings.Detect(findings_queue="f", quarantine_queue="q", state_table="s"), way.library)
