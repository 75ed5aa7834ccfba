"""The engine's CloudFormation rejects alarms on metric maths; they are made here, and stay as they are: AWS only."""

from typing import Any

from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

NOTHING = {"Namespace": "AWS only", "MetricName": "metric maths"}
"""What such an alarm looks at in the engine: no figures ever come, so it never claims to have judged any."""


def install() -> None:
    handlers = _RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    create = handlers["create"]

    def made(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
        asked = {name: value for name, value in properties.items() if name != "Metrics"}
        return create(logical_id, {**asked, **NOTHING} if "Metrics" in properties else properties, stack)

    handlers["create"] = made
