"""What botocore is given, before it would make a token of its own: the same token of ours in every attempt."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from pydantic import BaseModel

import act.actuators.shift_alias as shift
from act.hands import TOKENS, Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.ports import Client, Clients, Observed
from tests import estate
from tests.aws.conftest import Workshop
from tests.aws.services import Crash, crash
from tests.things import ALIAS

SECRET = "checkout-password"


class Arguments(BaseModel):
    """As the plan says it."""

    to: str


ACTION = shift.ACTION.model_copy(update={"klass": "A", "token_seconds": 600, "arguments": Arguments})
"""A test's own: it writes a secret, since AWS takes a token there."""


class Secrets:
    """A real client of Secrets Manager, and everything it was given and sent."""

    def __init__(self) -> None:
        self.given: list[dict[str, Any]] = []
        self.sent: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.client: Client = boto3.client("secretsmanager", region_name=estate.REGION)
        self.client.meta.events.register("provide-client-params.secrets-manager.PutSecretValue", self._given)
        self.client.meta.events.register("before-call.secrets-manager.PutSecretValue", self._sent)

    def _given(self, params: dict[str, Any], **_: Any) -> None:
        self.given.append(dict(params))

    def _sent(self, params: dict[str, Any], **_: Any) -> None:
        self.sent.append(json.loads(params["body"])["ClientRequestToken"])
        self.before()


def _observe(clients: Clients, _target: str) -> Observed:
    said = clients("secretsmanager").get_secret_value(SecretId=SECRET)["SecretString"]
    return Observed({"version": said, "weights": {}, "description": "last-good=1", "last_good": "1"})


def _put(clients: Clients, _target: str, reach: dict[str, Any], _revision: str, token: str) -> None:
    with named("writing a secret", target=True):
        clients("secretsmanager", mutating=True).put_secret_value(
            SecretId=SECRET, SecretString=reach["version"], ClientRequestToken=token
        )


def _forget(clients: Clients, _target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    clients("secretsmanager", mutating=True).put_secret_value(SecretId=SECRET, SecretString=reach["version"])


def with_secrets(workshop: Workshop, apply: Any) -> Secrets:
    """The workshop's hands write a secret, which is `2` and has to become `1`."""
    secrets = Secrets()
    secrets.client.create_secret(Name=SECRET, SecretString="2")
    workshop.others["secretsmanager"] = secrets.client
    workshop.handler = actuator(ACTION, Hands(_observe, shift.goal, shift.guard, apply))
    return secrets


def test_every_attempt_gives_the_same_token_and_aws_keeps_one_version(workshop: Workshop) -> None:
    secrets = with_secrets(workshop, _put)
    secrets.before = crash
    for _ in range(2):
        with pytest.raises(Crash):
            workshop.act()
    secrets.before = lambda: None
    assert workshop.act()["status"] == "DONE"
    token = str(uuid.uuid5(TOKENS, f"{workshop.incident_id}#1#apply#{ALIAS}"))
    assert [given["ClientRequestToken"] for given in secrets.given] == [token] * 3
    assert secrets.sent == [token] * 3
    assert secrets.client.get_secret_value(SecretId=SECRET)["VersionId"] == token


def test_a_token_that_was_forgotten_is_filled_in_by_the_sdk_and_another_each_time(workshop: Workshop) -> None:
    """So this is where a forgotten one shows: it is not among what was given, though one is sent."""
    secrets = with_secrets(workshop, _forget)
    secrets.before = crash
    for _ in range(2):
        with pytest.raises(Crash):
            workshop.act()
    assert [given.get("ClientRequestToken") for given in secrets.given] == [None, None]
    assert len(set(secrets.sent)) == 2
    assert all(secrets.sent)
