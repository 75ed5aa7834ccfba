"""Services that polls ask: what they answer when the bus tells, or does not tell, of certain events."""

import json
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any

from edsr.times import parse
from sweep.ask import Ask, Bucket
from tests import estate
from tests.things import AT

Event = dict[str, Any]


class Service:
    """An AWS service whose operations answer what a test says."""

    class meta:  # noqa: N801 - as botocore calls it
        """Where it is."""

        region_name = estate.REGION

    def __init__(self, **answers: Any) -> None:
        self.answers = {"get_caller_identity": {"Arn": f"arn:aws:sts::{estate.ACCOUNT}:assumed-role/x/y"}, **answers}
        self.asked: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda **said: self._answer(name, said)

    def _answer(self, name: str, said: dict[str, Any]) -> Any:
        self.asked.append(name)
        answer = self.answers[name]
        return answer(**said) if callable(answer) else answer


def asked(service: Any, calls: int = 100, now: datetime = AT) -> Ask:
    """A poll's way to ask it; without one, moto answers."""
    return Ask((lambda *_, **__: service) if service else estate.client, Bucket(calls, 60, calls, 0), now)


def shown(poll: str, service: Any, **how: Any) -> list[Any]:
    """What a poll shows."""
    return list(import_module(f"sweep.polls.{poll.replace('-', '_')}").standing(asked(service, **how)))


def health(events: list[Event]) -> Service:
    """AWS Health, which knows no id of a communication, and tells times as times."""
    told = [one["detail"] for one in events]
    entities = [
        {"eventArn": one["eventArn"], "entityValue": each["entityValue"], "statusCode": each.get("status", "")}
        for one in told
        for each in one["affectedEntities"]
    ]
    same = ("service", "eventTypeCode", "eventTypeCategory", "eventScopeCode", "statusCode")

    def affected(**said: Any) -> Any:
        return {"entities": [one for one in entities if one["eventArn"] in said["filter"]["eventArns"]]}

    return Service(
        describe_events={
            "events": [
                {name: one[name] for name in same}
                | {name: parsedate_to_datetime(one[name]) for name in ("startTime", "lastUpdatedTime")}
                | {"arn": one["eventArn"], "region": one["eventRegion"]}
                for one in told
            ]
        },
        describe_affected_entities=affected,
    )


def threats(events: list[Event]) -> Service:
    """GuardDuty, whose API spells what its events say with capitals."""
    known = {one["detail"]["id"]: _capitals(one["detail"]) for one in events}
    return Service(
        list_detectors={"DetectorIds": ["d0"]},
        list_findings={"FindingIds": list(known)},
        get_findings=lambda DetectorId, FindingIds: {"Findings": [known[i] for i in FindingIds]},  # noqa: N803, ARG005
    )


def hub_findings(events: list[Event]) -> Service:
    """Security Hub, whose API and events say the same."""
    return Service(get_findings={"Findings": [one for event in events for one in event["detail"]["findings"]]})


def weaknesses(events: list[Event], status: str = "ENABLED") -> Service:
    """Inspector, which tells times as times."""
    at = dict.fromkeys(("firstObservedAt", "lastObservedAt", "updatedAt"), AT)
    return Service(
        batch_get_account_status={"accounts": [{"state": {"status": status}}]},
        list_findings={"findings": [event["detail"] | at for event in events]},
    )


def open_access(events: list[Event]) -> Service:
    """Access Analyzer: an analyzer of a type, and what each version of its API says."""
    found: dict[str, list[Any]] = {"ACCOUNT": [], "ACCOUNT_UNUSED_ACCESS": []}
    for event in events:
        one = dict(event["detail"])
        one |= {name: parse(one[name]) for name in ("createdAt", "analyzedAt", "updatedAt")}
        one["resourceOwnerAccount"] = one.pop("accountId")
        for gone in ("isDeleted", "region", "version"):
            one.pop(gone, None)
        found["ACCOUNT_UNUSED_ACCESS" if "findingType" in one else "ACCOUNT"].append(one)
    arn = f"arn:aws:access-analyzer:{estate.REGION}:{estate.ACCOUNT}:analyzer"
    return Service(
        list_analyzers={
            "analyzers": [
                {"arn": f"{arn}/{kind.lower()}", "type": kind, "status": status}
                for kind, status in ((*((kind, "ACTIVE") for kind in found), ("ACCOUNT", "DISABLED")))
            ]
        },
        list_findings={"findings": found["ACCOUNT"]},
        list_findings_v2={"findings": found["ACCOUNT_UNUSED_ACCESS"]},
    )


def _capitals(value: Any) -> Any:
    if isinstance(value, dict):
        return {name[:1].upper() + name[1:]: _capitals(each) for name, each in value.items()}
    return [_capitals(each) for each in value] if isinstance(value, list) else value


ANSWERS: dict[str, Callable[[list[Event]], Service]] = {
    "health": health,
    "threats": threats,
    "hub-findings": hub_findings,
    "weaknesses": weaknesses,
    "open-access": open_access,
}
"""What a poll's service answers when these events were to be told."""

INSTANCE = "i-0a1b2c3d4e5f60718"
TOLD = (
    ("health", "health/retirement", ("INSTANCE_RETIREMENT_SCHEDULED_0001", INSTANCE)),
    ("health", "health/outage", ("OPERATIONAL_ISSUE_0001",)),
    ("threats", "security/instance-mines", ("60c1d2e3f4", INSTANCE)),
    ("hub-findings", "security/control-fails", ("0f0e0d0c-0000-4000-8000-000000000001", "orders-archive")),
    ("weaknesses", "security/instance-is-vulnerable", ("finding/0001", INSTANCE)),
    ("open-access", "security/bucket-is-public", ("22222222-0000-4000-8000-000000000001", "orders-archive")),
    ("open-access", "security/role-is-unused", ("22222222-0000-4000-8000-000000000002", "old-deploy")),
)
"""Poll, an event of ours that it stands in for, and what tells one such event, and what it is about, from the next."""


def told(name: str, identities: tuple[str, ...], number: int = 1) -> Event:
    """The event as the bus tells it; another number is another one of its kind."""
    said = json.dumps(estate.event(name)).replace("000000000000", estate.ACCOUNT)
    for one in identities:
        said = said.replace(one, one[:-2] + f"{number:02}")
    event: Event = json.loads(said)
    return event
