"""Recorded things as EventBridge delivers them: events as they are, or unwrapped; CloudTrail's records as events."""

import json
from collections.abc import Iterator
from typing import Any

Event = dict[str, Any]

LISTS = ("Records", "Events")
"""The keys under which trail files and `aws cloudtrail lookup-events` list what they hold."""

DETAIL_TYPES = {
    "AwsServiceEvent": "AWS Service Event via CloudTrail",
    "AwsConsoleSignIn": "AWS Console Sign In via CloudTrail",
    "AwsCloudTrailInsight": "AWS Insight via CloudTrail",
}
API_CALL = "AWS API Call via CloudTrail"


class NotAnEvent(ValueError):
    """It is nothing that EventBridge could deliver; says why."""


def things(value: Any) -> Iterator[Any]:
    """What one recorded value holds: itself, or each of what it lists."""
    listed = next((value[key] for key in LISTS if isinstance(value.get(key), list)), None) if _is_list(value) else None
    yield from [value] if listed is None else listed


def event_of(thing: Any) -> Event:
    """The event that EventBridge delivers for a recorded thing; NotAnEvent for what is none."""
    if not isinstance(thing, dict):
        raise NotAnEvent("it is not a JSON object")
    if isinstance(thing.get("detail-type"), str) and isinstance(thing.get("source"), str):
        if not isinstance(thing.get("detail"), dict):
            raise NotAnEvent("its detail is not an object")
        return thing
    if isinstance(inner := thing.get("CloudTrailEvent"), str):
        return event_of(json.loads(inner))
    if isinstance(inner := thing.get("event"), dict):
        return event_of(inner)
    if isinstance(thing.get("eventSource"), str) and isinstance(thing.get("eventName"), str):
        return _wrapped(thing)
    raise NotAnEvent("it is neither an EventBridge event (source, detail-type, detail) nor a CloudTrail record")


def only_reads(event: Event) -> bool:
    """Whether it is a management event of CloudTrail that changed nothing: EventBridge delivers it only to rules that
    ask for all of them."""
    if not str(event["detail-type"]).endswith("via CloudTrail"):
        return False
    record = event["detail"]
    other = record.get("eventCategory", "Management") != "Management" or record.get("managementEvent") is False
    return record.get("readOnly") is True and not other


def _is_list(value: Any) -> bool:
    return isinstance(value, dict) and "detail-type" not in value


def _wrapped(record: Event) -> Event:
    """A CloudTrail record in the envelope in which EventBridge delivers it."""
    identity = record.get("userIdentity")
    caller = identity.get("accountId") if isinstance(identity, dict) else None
    return {
        "version": "0",
        "id": record.get("eventID", ""),
        "detail-type": DETAIL_TYPES.get(str(record.get("eventType")), API_CALL),
        "source": f"aws.{record['eventSource'].split('.')[0]}",
        "account": record.get("recipientAccountId") or caller or "",
        "time": record.get("eventTime", ""),
        "region": record.get("awsRegion", ""),
        "resources": [],
        "detail": record,
    }
