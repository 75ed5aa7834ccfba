"""What AWS Health told of this account lately, each as the first page of its communication."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from edsr.declare import Permission, Poll
from sweep.ask import LATELY, Ask, Event, event

POLL = Poll(
    id="health",
    source="health",
    title="what AWS Health told within the hour and is not over; an account without the support plan is told nothing",
    detail_types=("AWS Health Event", "AWS Health Abuse Event"),
    minutes=10,
    calls=20,
    level=False,
    aws_only="DescribeEvents and DescribeAffectedEntities",
    permissions=(
        Permission(
            actions=("health:DescribeEvents", "health:DescribeAffectedEntities"),
            on="*",
            reason="AWS Health's events are named by nobody beforehand; it only reads",
        ),
    ),
)
HOME = "us-east-1"
"""Where what concerns no Region is told."""

AT_ONCE = 10
"""Events whose entities are asked for in one call."""


def standing(ask: Ask) -> Iterator[Event]:
    """The communications of this Region, with all that is affected: in which pages the bus told it no API says."""
    said = {
        "regions": [ask.region, *(["global"] if ask.region == HOME else [])],
        "lastUpdatedTimes": [{"from": ask.now - LATELY}],
        "eventStatusCodes": ["open", "upcoming"],
    }
    for page in ask.pages("health", "describe_events", "nextToken", filter=said, maxResults=100):
        for begin in range(0, len(page["events"]), AT_ONCE):
            some = page["events"][begin : begin + AT_ONCE]
            affected = _affected(ask, [one["arn"] for one in some])
            for one in some:
                yield _event(one, affected[one["arn"]], ask)


def _affected(ask: Ask, arns: list[str]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for page in ask.pages(
        "health", "describe_affected_entities", "nextToken", filter={"eventArns": arns}, maxResults=100
    ):
        for entity in page["entities"]:
            found[entity["eventArn"]].append(entity)
    return found


def _event(one: dict[str, Any], entities: list[dict[str, Any]], ask: Ask) -> Event:
    """One page of the bus's shape. What it says in words is not asked for: no pattern goes by that."""
    named = [{"entityValue": each["entityValue"], "status": each.get("statusCode", "")} for each in entities]
    kind = POLL.detail_types[one["service"] == "ABUSE"]
    detail: dict[str, Any] = {
        "eventArn": one["arn"],
        **{name: one[name] for name in COPIED if name in one},
        "eventRegion": one.get("region", ask.region),
        **{name: _rfc(one[name]) for name in ("startTime", "endTime", "lastUpdatedTime") if name in one},
        "affectedEntities": named,
        "page": "1",
        "totalPages": "1",
        "backupEvent": "false",
    }
    made = event("aws.health", kind, ask.arn("health", "account"), one["lastUpdatedTime"], detail)
    detail["affectedAccount"] = made["account"]
    identity = f"{one['arn'].rsplit('/', 1)[-1]} {made['time']}"
    return {**made, "id": identity, "resources": [each["entityValue"] for each in named]}


COPIED = ("service", "eventTypeCode", "eventTypeCategory", "eventScopeCode", "statusCode", "actionability", "personas")


def _rfc(at: datetime) -> str:
    """`Fri, 27 Jan 2023 09:01:22 GMT`, as AWS Health writes it in its events."""
    return format_datetime(at, usegmt=True)
