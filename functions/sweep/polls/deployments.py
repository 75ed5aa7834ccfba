"""Deployments of CodeDeploy that failed lately, each as the event of its end."""

from collections.abc import Iterator
from typing import Any

from edsr.declare import Permission, Poll
from sweep.ask import LATELY, Ask, Event, event

POLL = Poll(
    id="deployments",
    source="delivery",
    title="deployments of CodeDeploy that failed within the hour",
    detail_types=("CodeDeploy Deployment State-change Notification",),
    minutes=5,
    calls=40,
    level=False,
    permissions=(
        Permission(
            actions=("codedeploy:ListDeployments", "codedeploy:BatchGetDeployments"),
            on="*",
            reason="It names no deployment group: those that failed may be any application's; it only reads",
        ),
    ),
)
AT_ONCE = 25
"""Deployments that CodeDeploy describes in one call."""


def standing(ask: Ask) -> Iterator[Event]:
    """The deployments that were created within the hour and failed."""
    within = {"start": ask.now - LATELY, "end": ask.now}
    for page in ask.pages(
        "codedeploy", "list_deployments", "nextToken", includeOnlyStatuses=["Failed"], createTimeRange=within
    ):
        ids = page["deployments"]
        for begin in range(0, len(ids), AT_ONCE):
            wanted = ids[begin : begin + AT_ONCE]
            for one in ask("codedeploy", "batch_get_deployments", deploymentIds=wanted)["deploymentsInfo"]:
                yield _event(one, ask)


def _event(one: dict[str, Any], ask: Ask) -> Event:
    group = f"{one['applicationName']}/{one['deploymentGroupName']}"
    detail = {
        "application": one["applicationName"],
        "deploymentGroup": one["deploymentGroupName"],
        "deploymentId": one["deploymentId"],
        "region": ask.region,
        "state": "FAILURE",
    }
    arn = ask.arn("codedeploy", f"deploymentgroup:{group}")
    at = one.get("completeTime") or one["createTime"]
    return {**event("aws.codedeploy", POLL.detail_types[0], arn, at, detail), "id": one["deploymentId"]}
