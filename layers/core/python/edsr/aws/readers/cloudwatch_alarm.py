"""cloudwatch:alarm - whose incident an alarm is marked with, and what there was around it when it fired."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Client, Clients, Observed
from edsr.times import iso

MARK = "edsr:case"
"""The alarm's tag that names the incident."""

BEFORE, AFTER = timedelta(hours=1), timedelta(minutes=15)
"""How long before the alarm fired, and after, what was changed may have to do with it."""

CHANGES, ALARMS = 5, 5
"""How many of each are named."""

NEWEST = 150
"""So many changes are looked through: CloudTrail gives fifty at once, twice in a second."""

READER = Reader(
    resource="cloudwatch:alarm",
    permissions=(
        Permission(actions=("cloudwatch:ListTagsForResource",), on="catalogue:cloudwatch:alarm"),
        Permission(
            actions=("cloudwatch:DescribeAlarms",),
            on="*",
            reason="DescribeAlarms shows composite alarms only to who may call it on everything",
        ),
        Permission(
            actions=("cloudtrail:LookupEvents",),
            on="*",
            reason="LookupEvents has no resource: it shows who changed what in the last 90 days, and changes nothing",
        ),
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{case}`, the incident that the alarm is marked with, where it is; the evidence's `context` has a line for each
    thing that a person would look up first. Raises Gone for an alarm that was deleted, Refused when the
    name is another's."""
    name, cloudwatch = resource_of(arn, "cloudwatch", "alarm:"), clients("cloudwatch")
    with named(f"reading {arn}", target=True):
        answer = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    alarm = next(iter([*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]), None)
    if alarm is None:
        raise Gone(f"there is no alarm {name}")
    refuse_another(arn, alarm["AlarmArn"])
    with named(f"reading the tags of {arn}", target=True):
        tags = cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"]
    case = next((tag["Value"] for tag in tags if tag["Key"] == MARK), None)
    context = [*_others(cloudwatch, name), *_changes(clients("cloudtrail"), alarm)]
    return Observed({"case": case} if case else {}, evidence={"context": context})


def _others(cloudwatch: Client, name: str) -> Iterator[str]:
    """The other alarms that stand now."""
    with named("reading the alarms that stand"):
        answer = cloudwatch.describe_alarms(StateValue="ALARM", AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    every = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
    others = sorted(one["AlarmName"] for one in every if one["AlarmName"] != name)
    more = f" and {len(others) - ALARMS} more" if len(others) > ALARMS else ""
    yield f"in ALARM beside it: {', '.join(others[:ALARMS]) or 'none'}{more}"


def _changes(cloudtrail: Client, alarm: dict[str, Any]) -> Iterator[str]:
    """Who changed what the alarm watches, the newest first: releases are among it."""
    since: datetime = alarm["StateUpdatedTimestamp"]
    with named("looking up what was changed"):
        pages = cloudtrail.get_paginator("lookup_events").paginate(
            LookupAttributes=[{"AttributeKey": "ReadOnly", "AttributeValue": "false"}],
            StartTime=since - BEFORE,
            EndTime=since + AFTER,
            PaginationConfig={"MaxItems": NEWEST, "PageSize": 50},
        )
        found = [event for page in pages for event in page["Events"]]
    watched = [dimension["Value"] for dimension in _dimensions(alarm)]
    about = [event for event in found if any(value in str(event.get("CloudTrailEvent")) for value in watched)]
    for event in about[:CHANGES]:
        yield f"{iso(event['EventTime'])} {event['EventName']} by {event.get('Username', 'nobody named')}"
    if not about:
        told = f"of the newest {len(found)} changes" if found else "as far as CloudTrail tells yet"
        yield f"nothing that it watches was changed in {BEFORE} before, {told}"


def _dimensions(alarm: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Those of its metric; of metric maths all."""
    yield from alarm.get("Dimensions", [])
    for query in alarm.get("Metrics", []):
        yield from query.get("MetricStat", {}).get("Metric", {}).get("Dimensions", [])
