"""How people are told, as it is deployed: what concerns them is queued, and each channel takes what it wants."""

import json
import re
from typing import Any

import pytest

from edsr import pattern
from edsr.notices import SYNTHETIC
from infra.app import build
from infra.config import load
from infra.errors import ConfigurationInvalid
from tests.infra.reading import Assembly, Properties

RULES = "AWS::Events::Rule"
CHANNELS = {
    "oncall": {"kind": "pagerduty", "secret": "edsr/pagerduty", "levels": ["page"], "owners": ["shop"]},
    "chat": {"kind": "slack", "secret": "edsr/slack", "channel": "#edsr"},
    "finance": {"kind": "email", "to": ["finance@example.com"], "sources": ["billing"]},
    "hook": {"kind": "webhook", "secret": "edsr/hook", "url": "https://example.com/edsr"},
    "ops": {"kind": "opsitem", "levels": ["ticket"]},
}
NOTICE: Properties = SYNTHETIC["data"]
EVENT: Properties = {"source": "edsr.notify", "detail-type": "Notice"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    return Assembly(build(tmp_path_factory.mktemp("told"), "dev", given={"channels": CHANNELS}))


def rule(assembly: Assembly, name: str) -> Properties:
    return assembly.compute.one(RULES, Name=name)


def takes(assembly: Assembly, name: str, **data: Any) -> bool:
    event = {**EVENT, "detail": {"v": 1, "data": data}}
    return pattern.compile(rule(assembly, name)["EventPattern"]).matches(event)


def announces(assembly: Assembly, kind: str, **data: Any) -> bool:
    event = {"source": "edsr", "detail-type": kind, "detail": {"v": 1, "data": data}}
    return pattern.compile(rule(assembly, "edsr-notify")["EventPattern"]).matches(event)


def test_what_concerns_people_is_queued_and_nothing_else(dev: Assembly) -> None:
    assert announces(dev, "Decision Made", verdict="escalate")
    assert not announces(dev, "Decision Made", verdict="act")
    assert not announces(dev, "Decision Made", verdict="observe")
    for kind in ("Incident Closed", "Approval Requested", "Approval Answered", "Control Changed"):
        assert announces(dev, kind)
    assert not announces(dev, "Step Done")


def test_each_channel_takes_what_it_wants_and_the_test_of_all(told: Assembly) -> None:
    page = {"level": "page", "owner": "shop", "source": "cloudwatch"}
    assert takes(told, "edsr-channel-oncall", **page)
    assert not takes(told, "edsr-channel-oncall", **page | {"level": "ticket"})
    assert not takes(told, "edsr-channel-oncall", **page | {"owner": "orders"})
    assert takes(told, "edsr-channel-chat", **page)
    assert not takes(told, "edsr-channel-finance", **page)
    assert takes(told, "edsr-channel-finance", **page | {"source": "billing"})
    for name in CHANNELS:
        assert takes(told, f"edsr-channel-{name}", **NOTICE)


def test_a_secret_is_named_and_never_written(told: Assembly) -> None:
    connections = told.compute.of("AWS::Events::Connection").values()
    assert len(connections) == 3
    for connection in connections:
        key = connection["AuthParameters"]["ApiKeyAuthParameters"]["ApiKeyValue"]
        assert key.startswith("{{resolve:secretsmanager:edsr/")


def test_pagerduty_is_told_in_its_own_words(told: Assembly) -> None:
    (target,) = rule(told, "edsr-channel-oncall")["Targets"]
    template = target["InputTransformer"]["InputTemplate"]
    values = {name: json.dumps(f'"{name}"') for name in target["InputTransformer"]["InputPathsMap"]}
    for name, value in values.items():
        template = template.replace(f"<{name}>", value)
    event = json.loads(template)
    assert (event["event_action"], event["dedup_key"]) == ('"action"', '"notice"')
    assert set(event["payload"]) >= {"summary", "source", "severity"}
    assert set(target["InputTransformer"]["InputPathsMap"]) <= set(NOTICE)


@pytest.mark.parametrize("name", [name for name in CHANNELS if name != "hook"])
def test_each_shows_what_was_done_what_to_do_and_where_it_is_written_down(name: str, told: Assembly) -> None:
    (target,) = rule(told, f"edsr-channel-{name}")["Targets"]
    shown = set(target["InputTransformer"]["InputPathsMap"])
    assert shown >= {"headline", "reason", "correlation_id", "audit", "side_effects", "runbook", "answer", "postmortem"}
    assert shown <= set(NOTICE)


def test_an_opsitem_is_opened_once_and_never_because_it_is_over(told: Assembly) -> None:
    (target,) = rule(told, "edsr-channel-ops")["Targets"]
    template = target["InputTransformer"]["InputTemplate"]
    assert "notice" in target["InputTransformer"]["InputPathsMap"]
    item = json.loads(re.sub(r'(?<!")<(\w+)>(?!\\)', r'"\1"', template).replace("<notice>", "n-1"))
    same = item["operationalData"]["/aws/dedup"]
    assert (same["type"], json.loads(same["value"])) == ("SearchableString", {"dedupString": "n-1"})
    assert takes(told, "edsr-channel-ops", level="ticket", action="trigger")
    assert not takes(told, "edsr-channel-ops", level="ticket", action="resolve")
    assert takes(told, "edsr-channel-chat", level="ticket", action="resolve")


def test_what_is_not_delivered_lies_in_a_queue_that_pages(told: Assembly) -> None:
    for name in CHANNELS:
        (target,) = rule(told, f"edsr-channel-{name}")["Targets"]
        assert target["DeadLetterConfig"]["Arn"]
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 100


def test_every_channel_is_proved_once_a_week(dev: Assembly) -> None:
    schedule = dev.compute.one("AWS::Scheduler::Schedule", Name="edsr-channels-weekly")
    assert json.loads(schedule["Target"]["Input"]) == SYNTHETIC
    assert schedule["Target"]["EventBridgeParameters"] == {"Source": "edsr.notify", "DetailType": "Notice"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "pigeon"}, "pigeon"),
        ({"kind": "webhook", "secret": "s", "url": "http://example.com"}, "url"),
        ({"kind": "pagerduty"}, "secret"),
        ({"kind": "email", "to": []}, "to"),
        ({"kind": "slack", "secret": "s", "channel": "#a", "levels": ["shout"]}, "levels"),
    ],
)
def test_a_channel_that_cannot_be_is_refused_with_its_place(said: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=f"channels.*({why})"):
        load("dev", {"channels": {"broken": said}})
