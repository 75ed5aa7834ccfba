"""From real invocations that fail to a remediation and its record, through every hop, with no hand in between."""

import json
import os
import subprocess
import sys

import pytest

from cli.sandbox.sandbox import Sandbox
from tests.sandbox.conftest import PROJECT
from tests.sandbox.estate import Estate, eventually

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:small-machine"


@pytest.mark.sandbox
def test_a_failing_release_is_detected_decided_acted_on_and_recorded(small: Sandbox) -> None:
    client, dynamodb = small.client("stepfunctions"), small.client("dynamodb")
    table = small.client("ssm").get_parameter(Name="/small/table")["Parameter"]["Value"]
    run = f"{MACHINE.replace('stateMachine', 'execution')}:i-1"

    def ended() -> bool:
        listed = client.list_executions(stateMachineArn=MACHINE)["executions"]
        return bool(listed) and listed[0]["status"] != "RUNNING"

    def recorded() -> dict[str, dict[str, dict[str, str]]]:
        return {item["pk"]["S"]: item for item in dynamodb.scan(TableName=table)["Items"]}

    Estate(small.port).invoke("small-checkout")  # it raises, so its alarm goes off
    assert eventually(ended, 20)
    execution = client.describe_execution(executionArn=run)
    assert json.loads(execution["output"]) == {
        "worse": False,
        "count": 3,
        "next": 4,
        "last": {"judged": "refused", "why": "Refused"},
    }
    assert eventually(lambda: {"seen#step#1", "seen#step#2"} <= recorded().keys())
    assert recorded()["step#1"]["word"] == {"S": "from the layer"}
    assert recorded()["seen#step#1"]["note"] == {"S": "a note inside a layer"}


@pytest.mark.sandbox
def test_status_names_what_runs(small: Sandbox) -> None:
    status = small.status()
    assert (status.running, status.port) == (True, small.port)
    assert 0 < status.memory_mb < 800
    assert {"Stateful", "Compute"} <= set(status.stacks)


@pytest.mark.sandbox
def test_a_demo_with_iam_is_refused_where_the_sandbox_that_runs_enforces_none(small: Sandbox) -> None:
    assert not small.status().iam
    environment = {**os.environ, "EDSR_HOME": str(small.differences_file.parents[1]), "COLUMNS": "200"}
    command = [sys.executable, "-m", "cli.app", "demo", "--iam"]
    said = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=PROJECT, check=False)  # noqa: S603 - our own command
    assert said.returncode == 3
    assert "does not enforce IAM" in said.stderr
