"""What `edsr cost` says that one remediation uses, held against the machine and the tables on moto."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.cost.usage import REMEDIATION
from tests import estate
from tests.flow.conftest import on_moto

SAID = {usage.price: usage.quantity for usage in REMEDIATION}
KB = 1024


@contextmanager
def heard(operation: str) -> Iterator[list[dict[str, Any]]]:
    """The parameters of every call of one of DynamoDB's operations."""
    calls: list[dict[str, Any]] = []
    events, name = estate.client("dynamodb").meta.events, f"provide-client-params.dynamodb.{operation}"

    def hear(params: dict[str, Any], **_: Any) -> None:
        calls.append(params)

    events.register(name, hear)
    yield calls
    events.unregister(name, hear)


def written(part: dict[str, Any]) -> int:
    """Twice what is written, in whole kilobytes: of an update the item as it is then."""
    ((verb, said),) = part.items()
    item = said["Item"] if verb == "Put" else estate.client("dynamodb").get_item(
        TableName=said["TableName"], Key=said["Key"], ConsistentRead=True
    ).get("Item", {})  # fmt: skip
    return 2 * max(1, -(-len(json.dumps(item)) // KB))


def test_one_step_uses_about_what_is_said(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch, on_moto(tmp_path / "policies", patch) as suite:
        with heard("TransactWriteItems") as writes, heard("BatchGetItem") as reads:
            incident = suite.alarm()["incident"]
            suite.decide(suite.messages(suite.findings))
            estate.set_alarm("canary-checkout-errors", "OK")
            assert suite.finish(incident) == "SUCCEEDED"
            units = sum(written(part) for call in writes for part in call["TransactItems"])
            keys = sum(len(asked["Keys"]) for call in reads for asked in call["RequestItems"].values())
        arn = suite.machine.replace(":stateMachine:", ":execution:") + f":{incident}"
        history = estate.client("stepfunctions").get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = sum(event["type"].endswith("StateEntered") for event in history)
    assert 0.75 * units <= SAID["dynamodb-writes"] <= 1.25 * units, units
    assert 0.5 * keys <= SAID["dynamodb-reads"] <= 2 * keys, keys
    assert 0.75 * entered <= SAID["state-transitions"] <= 1.25 * entered, entered
