"""ecs:service - what a service runs, which deployment brought it, and what it ran when it was last steady."""

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
TAG = "last-good"


def observe(clients: Clients, arn: str) -> Observed:
    """`{task_definition, deployment, controller, rolls_back, last_good?}`; counts move by themselves and are left out.

    Last good is what a completed deployment still runs beside the newest; else what the tag `last-good` says. Raises
    Gone for a service that was deleted, or is another account's or Region's.
    """
    cluster = resource_of(arn, "ecs", "service/").rpartition("/")[0]
    with named(f"reading {arn}", target=True):
        answer = clients("ecs").describe_services(cluster=cluster, services=[arn], include=["TAGS"])
    live = [one for one in answer["services"] if one["serviceArn"] == arn and one["status"] != "INACTIVE"]
    if not live:
        raise Gone(f"there is no service {arn}")
    service = live[0]
    primary: dict[str, Any] = next((one for one in service["deployments"] if one["status"] == "PRIMARY"), {})
    breaker = service.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker", {})
    state: dict[str, Any] = {
        "task_definition": service["taskDefinition"],
        "deployment": primary.get("id", ""),
        "controller": service.get("deploymentController", {}).get("type", "ECS"),
        "rolls_back": bool(breaker.get("enable") and breaker.get("rollback")),
    }
    if last_good := _last_good(service):
        state["last_good"] = last_good
    return Observed(state)


def _last_good(service: dict[str, Any]) -> str:
    now = str(service["taskDefinition"])
    completed = [
        one for one in service["deployments"] if one.get("rolloutState") == "COMPLETED" and one["taskDefinition"] != now
    ]
    if completed:
        return str(max(completed, key=lambda one: one["createdAt"])["taskDefinition"])
    tag = next((str(one["value"]) for one in service.get("tags", []) if one["key"] == TAG), "")
    return tag if tag.startswith("arn:") or not tag else f"{now.rpartition('/')[0]}/{tag}"
