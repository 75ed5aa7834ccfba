"""What botocore is given, before it would make a token of its own: the same token of ours in every attempt."""

import uuid
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from pydantic import BaseModel

import act.actuators.shift_alias as shift
from act.hands import TOKENS, Hands, Observed
from act.step import actuator
from edsr.aws.faults import named
from edsr.ports import Client, Clients
from tests import estate
from tests.aws.conftest import Crash, Workshop, crash
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
        self.client.meta.events.register("before-parameter-build.secrets-manager.PutSecretValue", self._sent)
        self.client.meta.events.register_last("before-call.secrets-manager.PutSecretValue", self._called)

    def _given(self, params: dict[str, Any], **_: Any) -> None:
        self.given.append(dict(params))

    def _sent(self, params: dict[str, Any], **_: Any) -> None:
        self.sent.append(params.get("ClientRequestToken", ""))

    def _called(self, **_: Any) -> None:
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


def shop_with(workshop: Workshop, apply: Any, monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """The workshop's hands write a secret, which is `2` and has to become `1`."""
    secrets = Secrets()
    secrets.client.create_secret(Name=SECRET, SecretString="2")
    plain = workshop.clients
    monkeypatch.setattr(
        workshop,
        "clients",
        lambda service, *, mutating=False: (
            secrets.client if service == "secretsmanager" else plain(service, mutating=mutating)
        ),
    )
    workshop.handler = actuator(ACTION, Hands(_observe, shift.goal, shift.guard, apply))
    return secrets


def test_every_attempt_gives_the_same_token_and_aws_keeps_one_version(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = shop_with(workshop, _put, monkeypatch)
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


def test_a_token_that_was_forgotten_is_filled_in_by_the_sdk_and_another_each_time(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So this is where a forgotten one shows: it is not among what was given, though one is sent."""
    secrets = shop_with(workshop, _forget, monkeypatch)
    secrets.before = crash
    for _ in range(2):
        with pytest.raises(Crash):
            workshop.act()
    assert [given.get("ClientRequestToken") for given in secrets.given] == [None, None]
    assert len({*secrets.sent, ""}) == 3
