"""Findings of GuardDuty that are open and came or went on lately, each as its event."""

import json
from collections.abc import Iterator
from typing import Any

from edsr.declare import Permission, Poll
from edsr.times import epoch, parse
from sweep.ask import LATELY, Ask, Event, event, plain

POLL = Poll(
    id="threats",
    source="security",
    title="findings of GuardDuty that are open and were updated within the hour",
    detail_types=("GuardDuty Finding",),
    minutes=5,
    calls=60,
    level=False,
    aws_only="ListFindings and GetFindings",
    permissions=(
        Permission(
            actions=("guardduty:ListDetectors", "guardduty:ListFindings", "guardduty:GetFindings"),
            on="*",
            reason="A Region has one detector, whose id AWS gives; it only reads",
        ),
    ),
)
AT_ONCE = 50
"""Findings that GuardDuty lists and gives in one call."""


def standing(ask: Ask) -> Iterator[Event]:
    """The findings of the Region's detector; without one there is nothing to find."""
    since = {"GreaterThanOrEqual": epoch(ask.now - LATELY) * 1000}
    wanted = {"Criterion": {"updatedAt": since, "service.archived": {"Equals": ["false"]}}}
    for detector in ask("guardduty", "list_detectors")["DetectorIds"]:
        for page in ask.pages(
            "guardduty", "list_findings", DetectorId=detector, FindingCriteria=wanted, MaxResults=AT_ONCE
        ):
            if ids := page["FindingIds"]:
                for one in ask("guardduty", "get_findings", DetectorId=detector, FindingIds=ids)["Findings"]:
                    yield _event(one)


def _event(one: dict[str, Any]) -> Event:
    """A sample says so within a text in the API, beside it in its event."""
    detail = _spelled(plain(one))
    more = detail.get("service", {}).get("additionalInfo", {})
    if _sample(more.get("value", "")):
        more["sample"] = True
    made = event("aws.guardduty", POLL.detail_types[0], detail["arn"], parse(detail["updatedAt"]), detail)
    return {**made, "id": detail["id"], "resources": []}


def _sample(value: str) -> bool:
    try:
        said = json.loads(value)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("sample") is True


def _spelled(value: Any) -> Any:
    """Names as the event spells them: `instanceDetails`, not `InstanceDetails`."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _spelled(each) for name, each in value.items()}
    return [_spelled(each) for each in value] if isinstance(value, list) else value
