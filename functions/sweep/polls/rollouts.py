"""Deployments of the catalogue's ECS services that failed and still stand there, each as the event of its failure."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from edsr.declare import Permission, Poll
from edsr.errors import Gone
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
AT_ONCE = 10
"""Services of a cluster that ECS describes in one call."""


def standing(ask: Ask) -> Iterator[Event]:
    """The deployments, cluster by cluster; a service without a cluster in its ARN is none that ECS knows by it."""
    clusters: dict[str, list[str]] = defaultdict(list)
    for arn in ask.catalogued("ecs:service"):
        if len(path := arn.split(":", 5)[5].split("/")) == len(("service", "cluster", "name")):
            clusters[path[1]].append(arn)
    for cluster, arns in sorted(clusters.items()):
        with suppress(Gone):  # the catalogue may name a cluster that is not there: nothing was rolled out to it
            for begin in range(0, len(arns), AT_ONCE):
                wanted = sorted(arns)[begin : begin + AT_ONCE]
                for service in ask("ecs", "describe_services", cluster=cluster, services=wanted)["services"]:
                    yield from _failed(service)


def _failed(service: dict[str, Any]) -> Iterator[Event]:
    for one in service.get("deployments", ()):
        if one.get("rolloutState") == "FAILED":
            detail = {
                "eventType": "ERROR",
                "eventName": "SERVICE_DEPLOYMENT_FAILED",
                "deploymentId": one["id"],
                "updatedAt": iso(one["updatedAt"]),
                "reason": one.get("rolloutStateReason", ""),
            }
            made = event("aws.ecs", POLL.detail_types[0], service["serviceArn"], one["updatedAt"], detail)
            yield {**made, "id": one["id"]}
