"""ecs:service - how many tasks a service is to run, and whether another hand counts them."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ecs_service_cap
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ecs:service",
    permissions=(
        Permission(actions=("ecs:DescribeServices",), on="catalogue:ecs:service"),
        *ecs_service_cap.READER.permissions,
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{tasks, strategy, scaled}`: how many are wanted, REPLICA or DAEMON, and whether autoscaling moves the number.

    Raises Gone for a service that was deleted.
    """
    name = resource_of(arn, "ecs", "service/")
    with named(f"reading {arn}", target=True):
        services = clients("ecs").describe_services(cluster=name.rpartition("/")[0], services=[arn])["services"]
    live = [one for one in services if one["serviceArn"] == arn and one["status"] != "INACTIVE"]
    if not live:
        raise Gone(f"there is no service {arn}")
    scaling = clients("application-autoscaling")
    with named(f"looking for who scales {arn}"):
        targets = scaling.describe_scalable_targets(ResourceIds=[f"service/{name}"], **ecs_service_cap.WHAT)
    state: dict[str, Any] = {
        "tasks": live[0]["desiredCount"],
        "strategy": live[0].get("schedulingStrategy", "REPLICA"),
        "scaled": bool(targets["ScalableTargets"]),
    }
    return Observed(state)
