"""service-is-capped: the service runs no more tasks than the cap, and all that it wants."""

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
    """Which service, and its cap."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: str = Field(title="Service", description="The ARN of the ECS service.")
    most: int = Field(ge=1, title="Most", description="How many tasks it may run at most.")


PROBE = Probe(
    id="service-is-capped",
    title="The service runs no more tasks than the cap, and all that it wants",
    arguments=Arguments,
    permissions=(Permission(actions=("ecs:DescribeServices",), on="catalogue:ecs:service"),),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Within the cap and complete is better; above it, autoscaling has not come down yet: pending. Fewer tasks than it
    wants within the cap are worse."""
    del since, now
    how = Arguments.model_validate(args)
    cluster = resource_of(how.service, "ecs", "service/").rpartition("/")[0]
    with named(f"reading {how.service}"):
        services = clients("ecs").describe_services(cluster=cluster, services=[how.service])["services"]
    if not services:
        return Seen(Judged.UNKNOWN, f"there is no service {how.service}")
    running, wanted = services[0]["runningCount"], services[0]["desiredCount"]
    said = f"{running} of {wanted} tasks run, at most {how.most} may"
    if running < wanted <= how.most:
        return Seen(Judged.WORSE, said)
    return Seen(Judged.BETTER if running <= how.most else Judged.PENDING, said)
