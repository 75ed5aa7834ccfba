"""Deployments of the catalogue's ECS services that failed and still stand there, each as the event of its failure."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from edsr.declare import Permission, Poll
from edsr.errors import Gone
from edsr.model import Finding
from edsr.times import iso
from sweep.ask import Ask, Event, event

POLL = Poll(
    id="rollouts",
    source="delivery",
    title="deployments of the catalogue's ECS services that failed and have not been replaced",
    detail_types=("ECS Deployment State Change",),
    minutes=5,
    calls=40,
    level=True,
    permissions=(Permission(actions=("ecs:DescribeServices",), on="catalogue:ecs:service"),),
)
FAILED, COMPLETED = ("ERROR", "SERVICE_DEPLOYMENT_FAILED"), ("INFO", "SERVICE_DEPLOYMENT_COMPLETED")
AT_ONCE = 10
"""Services of a cluster that ECS describes in one call."""


def standing(ask: Ask) -> Iterator[Event]:
    """The deployments that failed."""
    for service in _described(ask, ask.catalogued("ecs:service")):
        yield from (_event(service, one) for one in _deployments(service, "FAILED"))


def over(ask: Ask, findings: list[Finding]) -> Iterator[tuple[Finding, Event]]:
    """Of the services that incidents tell of, the deployment that stands and was completed."""
    waiting = defaultdict(list)
    for found in findings:
        waiting[found.subject.arn].append(found)
    for service in _described(ask, [arn for arn in ask.catalogued("ecs:service") if arn in waiting]):
        for one in _deployments(service, "COMPLETED"):
            if one.get("status") == "PRIMARY":
                yield from ((found, _event(service, one, COMPLETED)) for found in waiting[service["serviceArn"]])


def _described(ask: Ask, wanted: list[str]) -> Iterator[dict[str, Any]]:
    """The services, cluster by cluster; one without a cluster in its ARN is none that ECS knows by it."""
    clusters: dict[str, list[str]] = defaultdict(list)
    for arn in wanted:
        if len(path := arn.split(":", 5)[5].split("/")) == len(("service", "cluster", "name")):
            clusters[path[1]].append(arn)
    for cluster, arns in sorted(clusters.items()):
        with suppress(Gone):  # the catalogue may name a cluster that is not there: nothing was rolled out to it
            for begin in range(0, len(arns), AT_ONCE):
                some = sorted(arns)[begin : begin + AT_ONCE]
                yield from ask("ecs", "describe_services", cluster=cluster, services=some)["services"]


def _deployments(service: dict[str, Any], state: str) -> list[dict[str, Any]]:
    return [one for one in service.get("deployments", ()) if one.get("rolloutState") == state]


def _event(service: dict[str, Any], one: dict[str, Any], said: tuple[str, str] = FAILED) -> Event:
    detail = {
        "eventType": said[0],
        "eventName": said[1],
        "deploymentId": one["id"],
        "updatedAt": iso(one["updatedAt"]),
        "reason": one.get("rolloutStateReason", ""),
    }
    made = event("aws.ecs", POLL.detail_types[0], service["serviceArn"], one["updatedAt"], detail)
    return {**made, "id": one["id"]}
