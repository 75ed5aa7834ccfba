"""Findings of Security Hub that were updated lately, each as the event of its import."""

from collections.abc import Iterator
from typing import Any

from edsr.declare import Permission, Poll
from edsr.times import iso, parse
from sweep.ask import LATELY, Ask, Event, event

POLL = Poll(
    id="hub-findings",
    source="security",
    title="findings of Security Hub that are active and were updated within the hour",
    detail_types=("Security Hub Findings - Imported",),
    minutes=5,
    calls=60,
    level=False,
    permissions=(
        Permission(
            actions=("securityhub:GetFindings",),
            on="*",
            reason="It is asked on the hub of the account, of which there is one in a Region; it only reads",
        ),
    ),
)


def standing(ask: Ask) -> Iterator[Event]:
    """The findings, in the format in which the bus tells them."""
    wanted = {
        "RecordState": [{"Value": "ACTIVE", "Comparison": "EQUALS"}],
        "UpdatedAt": [{"Start": iso(ask.now - LATELY), "End": iso(ask.now)}],
    }
    for page in ask.pages("securityhub", "get_findings", Filters=wanted, MaxResults=100):
        for one in page["Findings"]:
            yield _event(one, ask)


def _event(one: dict[str, Any], ask: Ask) -> Event:
    """A control's finding keeps its id from one failure to the next: when it was seen last tells them apart."""
    arn = ask.arn("securityhub", "hub/default")
    made = event("aws.securityhub", POLL.detail_types[0], arn, parse(one["UpdatedAt"]), {"findings": [one]})
    return {
        **made,
        "id": f"{one['Id']} {one.get('LastObservedAt', '')}".strip(),
        "resources": [f"{one['ProductArn']}/{one['Id']}"],
    }
