"""The sweep of what the bus dropped, on moto: detectors that it may invoke, a queue, decide, and alarms that stand."""

import io
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import decide.handler
import sweep.missed
from edsr import settings
from edsr.aws.store import DynamoStore
from edsr.model import State
from edsr.policy import Library
from edsr.ports import Client, Key
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.serve import Runtime
from edsr.times import iso
from tests import estate, policies
from tests.aws.services import refusal
from tests.things import AT

MACHINE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Wait", "Seconds": 1, "End": True}}})


def an_alarm(since: datetime, name: str = "canary-checkout-errors", function: str = "checkout") -> dict[str, Any]:
    """An alarm as DescribeAlarms has it, whose evaluation has changed since it went into ALARM."""
    return {
        "AlarmName": name,
        "AlarmArn": f"arn:aws:cloudwatch:{estate.REGION}:{estate.ACCOUNT}:alarm:{name}",
        "StateValue": "ALARM",
        "StateReason": "Threshold Crossed",
        "StateTransitionedTimestamp": since,
        "StateUpdatedTimestamp": since + timedelta(seconds=20),
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [
            {"Name": "FunctionName", "Value": function},
            {"Name": "Resource", "Value": f"{function}:live"},
        ],
        "Statistic": "Sum",
        "Period": 60,
    }


def told(alarm: dict[str, Any]) -> dict[str, Any]:
    """The event that CloudWatch sent when that alarm went into ALARM."""
    said = json.dumps(estate.event("cloudwatch/canary-alarm")).replace("canary-checkout-errors", alarm["AlarmName"])
    event: dict[str, Any] = json.loads(said)
    function = alarm["Dimensions"][0]["Value"]
    metric = event["detail"]["configuration"]["metrics"][0]["metricStat"]["metric"]
    metric["dimensions"] = {"FunctionName": function, "Resource": f"{function}:live"}
    event["account"], event["resources"] = estate.ACCOUNT, [alarm["AlarmArn"]]
    event["detail"]["state"]["timestamp"] = iso(alarm["StateTransitionedTimestamp"]).replace("Z", "+0000")
    return event


@dataclass
class Alarms:
    """A CloudWatch with these alarms in ALARM, so many a page, and those that are OK."""

    standing: list[dict[str, Any]] = field(default_factory=list)
    well: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    page: int = 100

    def describe_alarms(self, **said: Any) -> dict[str, Any]:
        """One page; of those that are OK, those that are asked for by name."""
        assert said["AlarmTypes"] == ["MetricAlarm", "CompositeAlarm"]
        self.asked += 1
        if said["StateValue"] == "OK":
            assert 0 < len(said["AlarmNames"]) <= 100
            return {"MetricAlarms": [one for one in self.well if one["AlarmName"] in said["AlarmNames"]]}
        assert said["StateValue"] == "ALARM"
        begin = int(said.get("NextToken", 0))
        shown = self.standing[begin : begin + self.page]
        more = {"NextToken": str(begin + self.page)} if begin + self.page < len(self.standing) else {}
        return {
            "MetricAlarms": [alarm for alarm in shown if "AlarmRule" not in alarm],
            "CompositeAlarms": [alarm for alarm in shown if "AlarmRule" in alarm],
            **more,
        }


@dataclass
class Scene:
    """The sweep, the detectors, decide, and what a test asks of them."""

    library: Library
    machine: str
    findings: str
    quarantine: str
    clock: estate.Clock
    alarms: Alarms = field(default_factory=Alarms)
    invoked: list[dict[str, Any]] = field(default_factory=list)
    failing: bool = False
    refusing: bool = False
    behind: Library | None = None
    others: dict[str, Client] = field(default_factory=dict)

    def clients(self, service: str, *, mutating: bool = False) -> Client:
        """CloudWatch and Lambda are this scene's own, and so are the others that a poll asks."""
        assert not mutating
        return {"cloudwatch": self.alarms, "lambda": self, **self.others}.get(service) or estate.client(service)

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as AWS calls them
        """Lambda: the real detector, or an answer of one that failed."""
        said = json.loads(Payload)
        self.invoked.append(said)
        if self.refusing:
            raise refusal("TooManyRequestsException", 429)
        if self.failing:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(b'{"errorType": "Transient"}')}
        answer = self.detect(said, FunctionName.removeprefix("edsr-detect-"))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def detect(self, said: dict[str, Any], source: str = "cloudwatch") -> Any:
        """A detector's function."""
        given = settings.Detect(
            findings_queue=self.findings, quarantine_queue=self.quarantine, state_table="edsr-state"
        )
        handler = import_module(f"detect.detectors.{source}").handler
        return estate.call(handler, said, given, self.behind or self.library, self.clock)

    def bring(self, alarm: dict[str, Any], policy: str = "lambda-canary-rollback") -> Any:
        """The bus brings the alarm's event."""
        return self.detect({"v": 1, "policy": policy, "event": told(alarm)})

    def sweep(self, poll: str = "alarms") -> dict[str, int]:
        """The sweep looks."""
        runtime = Runtime(estate.TABLES, self.clients, self.clock, lambda: self.library)
        done: dict[str, int] = sweep.missed.handler.handle({"v": 1, "poll": poll}, runtime)
        return done

    def decide(self) -> list[str]:
        """Everything in the queue is decided; gives the bodies."""
        given = settings.Decide(
            **estate.RATED.model_dump(mode="json"), machine=self.machine, quarantine_queue=self.quarantine
        )
        bodies = []
        sqs = estate.client("sqs")
        while got := sqs.receive_message(QueueUrl=self.findings, MaxNumberOfMessages=10).get("Messages"):
            for message in got:
                sqs.delete_message(QueueUrl=self.findings, ReceiptHandle=message["ReceiptHandle"])
            bodies += [message["Body"] for message in got]
            records = [{"messageId": message["MessageId"], "body": message["Body"]} for message in got]
            answer = estate.call(decide.handler.handler, {"Records": records}, given, self.library, self.clock)
            assert answer == {"batchItemFailures": []}
        return bodies

    def minute(self) -> dict[str, int]:
        """A minute passes, the sweep looks, and what it sent is decided."""
        self.clock.tick(minutes=1)
        done = self.sweep()
        self.decide()
        return done

    def incidents(self) -> list[Incident]:
        """Every incident there is."""
        scanned = estate.client("dynamodb").scan(TableName="edsr-state", ConsistentRead=True)["Items"]
        ids = [item["pk"]["S"] for item in scanned if item["sk"]["S"] == "HEAD" and item["pk"]["S"].startswith("INC#")]
        return [self._incident(pk) for pk in ids]

    def remembered(self, poll: str) -> dict[str, str]:
        """What a poll remembers to have handed on."""
        key = keys.poll(poll)
        known: dict[str, str] = DynamoStore(estate.client("dynamodb"), estate.TABLES).read([key])[key]["known"]
        return known

    def states(self) -> list[State]:
        """How they stand."""
        return [incident.state for incident in self.incidents()]

    def _incident(self, pk: str) -> Incident:
        key = Key("state", pk, "HEAD")
        return Incident.of(DynamoStore(estate.client("dynamodb"), estate.TABLES).read([key])[key])


def a_scene(folder: Path) -> Scene:
    """One on moto, of the shipped documents in a folder of the test's own."""
    estate.make_tables()
    role = estate.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = estate.client("stepfunctions").create_state_machine(name="m", definition=MACHINE, roleArn=role)
    findings, kept = (estate.client("sqs").create_queue(QueueName=name)["QueueUrl"] for name in ("f", "q"))
    return Scene(policies.library(folder), made["stateMachineArn"], findings, kept, estate.Clock(AT))
