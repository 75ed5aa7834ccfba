"""The engine's CloudFormation rejects types that its own services have; they are created here as the API would."""

import json
from collections.abc import Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import athena, cloudwatch, eventbridge
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS

Made = tuple[str, dict[str, str]]  # what Ref gives, what GetAtt gives


def checked(response: tuple[int, Any, bytes]) -> dict[str, Any]:
    status, _headers, body = response
    if status >= 400:
        raise ValueError(body.decode())
    answer: dict[str, Any] = json.loads(body or b"{}")
    return answer


def arn(kind: str, name: str) -> str:
    return f"arn:aws:{kind.split(':')[0]}:{get_region()}:{get_account_id()}:{kind.split(':')[1]}{name}"


def archive(logical_id: str, properties: dict[str, Any], stack: str) -> Made:
    name = properties.get("ArchiveName") or f"{stack}-{logical_id}"
    pattern = json.dumps(properties["EventPattern"]) if "EventPattern" in properties else ""
    asked = {**properties, "ArchiveName": name, "EventSourceArn": properties["SourceArn"], "EventPattern": pattern}
    checked(eventbridge._create_archive(asked))
    return name, {"Arn": arn("events:archive/", name), "ArchiveName": name}


def composite_alarm(logical_id: str, properties: dict[str, Any], stack: str) -> Made:
    name = properties.get("AlarmName") or f"{stack}-{logical_id}"
    enabled = str(properties.get("ActionsEnabled", True)).lower() == "true"
    asked = {**properties, "AlarmName": name, "ActionsEnabled": enabled}
    checked(cloudwatch._put_composite_alarm({}, asked, False, is_json=True))
    return name, {"Arn": arn("cloudwatch:alarm:", name)}


def named_query(logical_id: str, properties: dict[str, Any], stack: str) -> Made:
    asked = {"Name": f"{stack}-{logical_id}", **properties}
    made = checked(athena._create_named_query(asked))["NamedQueryId"]
    return made, {"NamedQueryId": made}


def leave(*_: Any) -> None:
    """Stacks are not deleted here: the whole engine is thrown away."""


CREATORS: dict[str, Callable[[str, dict[str, Any], str], Made]] = {
    "AWS::Events::Archive": archive,
    "AWS::CloudWatch::CompositeAlarm": composite_alarm,
    "AWS::Athena::NamedQuery": named_query,
}


def install() -> None:
    for kind, create in CREATORS.items():
        _RESOURCE_HANDLERS.setdefault(kind, {"create": create, "delete": leave})
