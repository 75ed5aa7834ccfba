"""group-is-within: the Auto Scaling group has as many instances in service as its bounds allow."""

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
    """Which group, and its bounds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    group: str = Field(title="Group", description="The ARN of the group.")
    least: int = Field(ge=0, title="Least", description="No fewer instances in service.")
    most: int = Field(ge=0, title="Most", description="No more instances.")


PROBE = Probe(
    id="group-is-within",
    title="The Auto Scaling group has no fewer instances in service, and no more in all, than it may",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("autoscaling:DescribeAutoScalingGroups",),
            on="*",
            reason="Auto Scaling lets nobody limit who describes to some groups",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Within the bounds is better; fewer than the least, and none on its way, is worse; else it is pending."""
    del since, now
    how = Arguments.model_validate(args)
    name = resource_of(how.group, "autoscaling", "autoScalingGroup:").partition(":autoScalingGroupName/")[2]
    with named(f"reading {how.group}"):
        answer = clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    if not answer["AutoScalingGroups"]:
        return Seen(Judged.UNKNOWN, f"there is no group {name}")
    instances = answer["AutoScalingGroups"][0]["Instances"]
    serving = sum(one["LifecycleState"] == "InService" for one in instances)
    seen = f"{serving} of {len(instances)} instances are in service, {how.least} to {how.most} may"
    if how.least <= serving and len(instances) <= how.most:
        return Seen(Judged.BETTER, seen)
    return Seen(Judged.WORSE if len(instances) < how.least else Judged.PENDING, seen)
