"""A running engine and short ways to put things into it."""

import io
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::000000000000:role/any"


def eventually(condition: Callable[[], bool], seconds: float = 8) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def zipped(**files: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.py", text)
    return body.getvalue()


@cache
def client(port: int, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=20),
    )


def no_restart() -> None:
    raise NotImplementedError("this engine is not the test's to restart")


@dataclass(frozen=True)
class Estate:
    port: int
    restart: Callable[[], None] = no_restart

    def client(self, service: str) -> Any:
        return client(self.port, service)

    def function(self, name: str, source: str, **more: Any) -> str:
        """Create a function whose file is `source` and whose handler is called `handler`; its ARN."""
        made = self.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="code.handler",
            Code={"ZipFile": zipped(code=source)},
            **{"Role": ROLE, "Timeout": 5, **more},
        )
        return str(made["FunctionArn"])

    def invoke(self, function: str, event: Any = None, **more: Any) -> dict[str, Any]:
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event), **more)
        return {**answer, "Payload": json.loads(answer["Payload"].read() or b"null")}

    def queue(self, name: str) -> tuple[str, str]:
        """Its URL and ARN."""
        url = self.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        return str(url), f"arn:aws:sqs:us-east-1:000000000000:{name}"

    def received(self, url: str, seconds: int = 4) -> list[Any]:
        got = self.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=seconds, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in got.get("Messages", [])]

    def rule(self, name: str, pattern: dict[str, Any], *targets: str) -> None:
        events = self.client("events")
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": f"t{n}", "Arn": arn} for n, arn in enumerate(targets)])

    def alarm(self, name: str, namespace: str, metric: str, dimensions: dict[str, str], **more: Any) -> None:
        self.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            **{
                "Statistic": "Sum",
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 0.0,
                "ComparisonOperator": "GreaterThanThreshold",
                **more,
            },
        )

    def datum(self, namespace: str, metric: str, value: float, dimensions: dict[str, str]) -> None:
        named = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        data = [{"MetricName": metric, "Value": value, "Dimensions": named}]
        self.client("cloudwatch").put_metric_data(Namespace=namespace, MetricData=data)

    def alarm_state(self, name: str) -> str:
        found = self.client("cloudwatch").describe_alarms(AlarmNames=[name])
        return str(found["MetricAlarms"][0]["StateValue"])

    def execute(
        self, machine: str, states: dict[str, Any], given: Any, seconds: float = 8, role: str = ROLE
    ) -> dict[str, Any]:
        """Run a machine to its end (or to the deadline: it is then still RUNNING)."""
        client = self.client("stepfunctions")
        arn = self.machine(machine, states, role)
        run = client.start_execution(stateMachineArn=arn, name=machine, input=json.dumps(given))["executionArn"]
        eventually(lambda: client.describe_execution(executionArn=run)["status"] != "RUNNING", seconds)
        return dict(client.describe_execution(executionArn=run))

    def machine(self, name: str, states: dict[str, Any], role: str = ROLE) -> str:
        definition = json.dumps({"StartAt": next(iter(states)), "States": states})
        made = self.client("stepfunctions").create_state_machine(name=name, roleArn=role, definition=definition)
        return str(made["stateMachineArn"])


def rooted(folder: Path, project: Path) -> Path:
    """An empty project folder that borrows the engine's environment of the real one."""
    (folder / ".venv-engine").symlink_to(project / ".venv-engine")
    return folder
