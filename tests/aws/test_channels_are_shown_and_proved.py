"""`edsr channels`: what is deployed is listed in words, and the notice that proves it reaches every channel's rule."""

import json

import pytest

from cli import channels
from cli.account import Account
from cli.errors import Unavailable
from edsr import pattern
from infra.config.channels import Channel, PagerDuty, Slack
from infra.parts.channels import pattern as taken
from tests import estate

CHANNELS: dict[str, Channel] = {
    "oncall": PagerDuty(kind="pagerduty", secret="s", levels=("page",), owners=("shop", "orders")),
    "chat": Slack(kind="slack", secret="s", channel="#edsr"),
}


@pytest.fixture
def here(aws: None) -> Account:  # noqa: ARG001 - moto has to answer first
    events = estate.client("events")
    events.create_event_bus(Name="edsr")
    for name, channel in CHANNELS.items():
        said = json.dumps(taken(channel))
        events.put_rule(Name=f"edsr-channel-{name}", EventBusName="edsr", EventPattern=said)
    events.put_rule(Name="edsr-page-incident-closed", EventBusName="edsr", EventPattern='{"source": ["edsr"]}')
    return Account("here", estate.client, is_sandbox=True)


def test_each_says_which_notices_it_takes(here: Account) -> None:
    found = {one["channel"]: (one["state"], one["takes"]) for one in channels.deployed(here)}
    assert found == {"oncall": ("enabled", "level page, owner shop or orders"), "chat": ("enabled", "every notice")}


def test_the_notice_that_proves_them_goes_to_each(here: Account) -> None:
    sent: list[dict[str, str]] = []

    class Bus:
        def put_events(self, Entries: list[dict[str, str]]) -> dict[str, object]:  # noqa: N803 - botocore's name
            sent.extend(Entries)
            return {"FailedEntryCount": 0, "Entries": [{}]}

    channels.send(Account("here", lambda _: Bus(), is_sandbox=True))
    (entry,) = sent
    event = {"source": entry["Source"], "detail-type": entry["DetailType"], "detail": json.loads(entry["Detail"])}
    assert all(pattern.compile(taken(channel)).matches(event) for channel in CHANNELS.values())
    assert channels.deployed(here)


def test_a_bus_that_does_not_take_it_is_said() -> None:
    class Bus:
        def put_events(self, Entries: list[dict[str, str]]) -> dict[str, object]:  # noqa: N803, ARG002 - botocore's name
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}

    with pytest.raises(Unavailable, match="ThrottlingException"):
        channels.send(Account("here", lambda _: Bus(), is_sandbox=True))
