"""ecs:service - which deployment brought what a service runs, and whether its tasks are being replaced."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ecs:service",
    permissions=(Permission(actions=("ecs:DescribeServices",), on="catalogue:ecs:service"),),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{task_definition, deployment, controller, rolling}`: a deployment that neither completed nor failed rolls.

    Raises Gone for a service that was deleted, or is another account's or Region's.
    """
    cluster = resource_of(arn, "ecs", "service/").rpartition("/")[0]
    with named(f"reading {arn}", target=True):
        services = clients("ecs").describe_services(cluster=cluster, services=[arn])["services"]
    live = [one for one in services if one["serviceArn"] == arn and one["status"] != "INACTIVE"]
    if not live:
        raise Gone(f"there is no service {arn}")
    primary: dict[str, Any] = next((one for one in live[0]["deployments"] if one["status"] == "PRIMARY"), {})
    state: dict[str, Any] = {
        "task_definition": live[0]["taskDefinition"],
        "deployment": primary.get("id", ""),
        "controller": live[0].get("deploymentController", {}).get("type", "ECS"),
        "rolling": primary.get("rolloutState") == "IN_PROGRESS",
    }
    return Observed(state)
