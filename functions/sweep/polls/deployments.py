"""Deployments of CodeDeploy that failed lately, each as the event of its end."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from edsr.declare import Permission, Poll
from edsr.model import Finding
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
    yield from (_event(one, ask) for one in _lately(ask, "Failed"))


def over(ask: Ask, findings: list[Finding]) -> Iterator[tuple[Finding, Event]]:
    """Of the groups that incidents tell of, the deployment within the hour that succeeded last."""
    groups = [found for found in findings if found.subject.kind == "codedeploy:deployment-group"]
    well = sorted(_lately(ask, "Succeeded"), key=_ended) if groups else []
    for found in groups:
        ours = [one for one in well if found.subject.arn.endswith(f":deploymentgroup:{_group(one)}")]
        yield from ((found, _event(one, ask, "SUCCESS")) for one in ours[-1:])


def _lately(ask: Ask, status: str) -> Iterator[dict[str, Any]]:
    within = {"start": ask.now - LATELY, "end": ask.now}
    for page in ask.pages(
        "codedeploy", "list_deployments", "nextToken", includeOnlyStatuses=[status], createTimeRange=within
    ):
        ids = page["deployments"]
        for begin in range(0, len(ids), AT_ONCE):
            wanted = ids[begin : begin + AT_ONCE]
            yield from ask("codedeploy", "batch_get_deployments", deploymentIds=wanted)["deploymentsInfo"]


def _group(one: dict[str, Any]) -> str:
    return f"{one['applicationName']}/{one['deploymentGroupName']}"


def _ended(one: dict[str, Any]) -> datetime:
    ended: datetime = one.get("completeTime") or one["createTime"]
    return ended


def _event(one: dict[str, Any], ask: Ask, state: str = "FAILURE") -> Event:
    detail = {
        "application": one["applicationName"],
        "deploymentGroup": one["deploymentGroupName"],
        "deploymentId": one["deploymentId"],
        "region": ask.region,
        "state": state,
    }
    arn = ask.arn("codedeploy", f"deploymentgroup:{_group(one)}")
    return {**event("aws.codedeploy", POLL.detail_types[0], arn, _ended(one), detail), "id": one["deploymentId"]}
