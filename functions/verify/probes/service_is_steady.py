"""service-is-steady: the ECS service has one deployment, completed, with every task it wants running."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which service."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: str = Field(title="Service", description="The ARN of the ECS service.")


PROBE = Probe(
    id="service-is-steady",
    title="The ECS service has one deployment, completed, with every task it wants running",
    arguments=Arguments,
    permissions=(Permission(actions=("ecs:DescribeServices",), on="catalogue:ecs:service"),),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """One completed deployment with every task running is better, a failed one worse; one that rolls out is pending."""
    del since, now
    arn = Arguments.model_validate(args).service
    cluster = resource_of(arn, "ecs", "service/").rpartition("/")[0]
    with named(f"reading {arn}"):
        services = clients("ecs").describe_services(cluster=cluster, services=[arn])["services"]
    if not services:
        return Seen(Judged.UNKNOWN, f"there is no service {arn}")
    deployments = services[0]["deployments"]
    newest: dict[str, Any] = next((one for one in deployments if one["status"] == "PRIMARY"), {})
    rollout, running, wanted = newest.get("rolloutState"), services[0]["runningCount"], services[0]["desiredCount"]
    said = f"{rollout or 'no rollout'}, {len(deployments)} deployments, {running} of {wanted} tasks run"
    if rollout == "FAILED":
        return Seen(Judged.WORSE, said)
    steady = rollout == "COMPLETED" and len(deployments) == 1 and running == wanted
    return Seen(Judged.BETTER if steady else Judged.PENDING, said)
