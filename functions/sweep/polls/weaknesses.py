"""Findings of Inspector that are open and were updated lately, each as its event."""

from collections.abc import Iterator
from typing import Any

from edsr.declare import Permission, Poll
from sweep.ask import LATELY, Ask, Event, event, plain

POLL = Poll(
    id="weaknesses",
    source="security",
    title="findings of Inspector that are open and were updated within the hour",
    detail_types=("Inspector2 Finding",),
    minutes=15,
    calls=60,
    level=False,
    permissions=(
        Permission(
            actions=("inspector2:BatchGetAccountStatus", "inspector2:ListFindings"),
            on="*",
            reason="Neither is asked on a resource; both only read",
        ),
    ),
)


def standing(ask: Ask) -> Iterator[Event]:
    """The findings, where Inspector is on: it answers whoever asks where it is off as it answers the unauthorised."""
    if not any(
        one["state"]["status"] == "ENABLED" for one in ask("inspector2", "batch_get_account_status")["accounts"]
    ):
        return
    wanted = {
        "findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}],
        "updatedAt": [{"startInclusive": ask.now - LATELY, "endInclusive": ask.now}],
    }
    for page in ask.pages("inspector2", "list_findings", "nextToken", filterCriteria=wanted, maxResults=100):
        for one in page["findings"]:
            yield _event(one)


def _event(one: dict[str, Any]) -> Event:
    at = one.get("updatedAt") or one["lastObservedAt"]
    made = event("aws.inspector2", POLL.detail_types[0], one["findingArn"], at, plain(one))
    return {**made, "id": one["findingArn"], "resources": [each["id"] for each in one.get("resources", ())]}
