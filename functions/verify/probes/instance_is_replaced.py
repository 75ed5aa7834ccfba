"""instance-is-replaced: the Auto Scaling group has all the healthy instances that it wants, without the one."""

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
    """Which instance, of which group."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    instance: str = Field(title="Instance", description="The ARN of the instance.")
    group: str = Field(title="Group", description="The name of the Auto Scaling group it was in; empty for none.")


PROBE = Probe(
    id="instance-is-replaced",
    title="The Auto Scaling group has all the healthy instances that it wants, without the one",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("autoscaling:DescribeAutoScalingGroups",),
            on="*",
            reason="EC2 Auto Scaling lets nobody limit who describes to some groups",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Complete without it is better; still in the group is worse; until another one serves it is pending."""
    del since, now
    how = Arguments.model_validate(args)
    instance = resource_of(how.instance, "ec2", "instance/")
    if not how.group:
        return Seen(Judged.BETTER, f"{instance} was in no group: nothing is to come in its place")
    with named(f"reading the group {how.group}"):
        found = clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[how.group])
    if not found["AutoScalingGroups"]:
        return Seen(Judged.UNKNOWN, f"there is no group {how.group}")
    group = found["AutoScalingGroups"][0]
    serving = [one for one in group["Instances"] if one["LifecycleState"] == "InService"]
    if any(one["InstanceId"] == instance for one in serving):
        return Seen(Judged.WORSE, f"{instance} still serves in {how.group}")
    well = sum(one["HealthStatus"] == "Healthy" for one in serving)
    said = f"{well} of {group['DesiredCapacity']} instances of {how.group} serve"
    return Seen(Judged.BETTER if well >= group["DesiredCapacity"] else Judged.PENDING, said)
