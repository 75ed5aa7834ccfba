"""The boundary knows each AWS call by its request, as the SDK sends it, and refuses as AWS does."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.gameday.wire import Asked, Said, call, refused

NOWHERE = {"endpoint_url": "http://127.0.0.1:1", "region_name": "us-east-1"}
KEYS = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}


class Raw:
    """A body that was received whole."""

    def __init__(self, body: bytes) -> None:
        self._body = [body]

    def stream(self, **_: Any) -> list[bytes]:
        """All of it at once."""
        return self._body


def client(service: str, answer: Callable[[Asked], Said]) -> Any:
    """A client whose requests are answered here."""
    made = boto3.client(
        service,
        **NOWHERE,
        **KEYS,
        config=Config(user_agent_appid="edsr-act-shift-alias", retries={"total_max_attempts": 1}),
    )

    def answered(request: Any, **_: Any) -> AWSResponse:
        headers = {
            name.lower(): value if isinstance(value, str) else value.decode() for name, value in request.headers.items()
        }
        body = request.body or b""
        path = request.url.removeprefix("http://127.0.0.1:1")
        said = answer(Asked(request.method, path, headers, body if isinstance(body, bytes) else body.encode()))
        return AWSResponse(request.url, said.status, dict(said.headers), Raw(said.body))

    made.meta.events.register(f"before-send.{service}", answered)
    return made


ALIAS = {"FunctionName": "checkout", "Name": "live"}
CALLS = [
    ("lambda", "update_alias", {**ALIAS, "FunctionVersion": "1"}, "lambda:UpdateAlias"),
    ("lambda", "get_alias", ALIAS, "lambda:GetAlias"),
    ("lambda", "list_aliases", {"FunctionName": "checkout"}, "lambda:ListAliases"),
    ("dynamodb", "get_item", {"TableName": "t", "Key": {"pk": {"S": "x"}}}, "dynamodb:GetItem"),
    ("sqs", "list_queues", {}, "sqs:ListQueues"),
    ("ec2", "describe_security_groups", {}, "ec2:DescribeSecurityGroups"),
    ("cloudwatch", "describe_alarms", {}, "cloudwatch:DescribeAlarms"),
    ("sns", "list_topics", {}, "sns:ListTopics"),
    ("apigateway", "get_stage", {"restApiId": "a", "stageName": "prod"}, "apigateway:GetStage"),
    (
        "application-autoscaling",
        "describe_scalable_targets",
        {"ServiceNamespace": "ecs"},
        "application-autoscaling:DescribeScalableTargets",
    ),
]


@pytest.mark.parametrize(("service", "operation", "said", "name"), CALLS, ids=str)
def test_it_is_named_and_a_refusal_is_understood(service: str, operation: str, said: dict[str, Any], name: str) -> None:
    heard: list[str] = []

    def refuse(asked: Asked) -> Said:
        known = call(asked)
        heard.append(f"{known.caller} {known.name}")
        return refused(known.service, "ThrottlingException", "too much")

    with pytest.raises(ClientError) as caught:
        getattr(client(service, refuse), operation)(**said)
    assert heard == [f"edsr-act-shift-alias {name}"]
    assert caught.value.response["Error"]["Code"] == "ThrottlingException"
