"""autoscaling:autoScalingGroup - how few and how many instances a group may have."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Clients, Observed

READER = Reader(
    resource="autoscaling:autoScalingGroup",
    permissions=(
        Permission(
            actions=("autoscaling:DescribeAutoScalingGroups",),
            on="*",
            reason="Auto Scaling lets nobody limit who describes to some groups",
        ),
    ),
)


def name_of(arn: str) -> str:
    """The name that a group's ARN ends with; Refused for another ARN."""
    return resource_of(arn, "autoscaling", "autoScalingGroup:").partition(":autoScalingGroupName/")[2]


def group(clients: Clients, arn: str) -> dict[str, Any]:
    """The group as AWS describes it. Raises Gone when there is none by that name, or another one by now."""
    with named(f"reading {arn}", target=True):
        answer = clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name_of(arn)])
    found: list[dict[str, Any]] = [one for one in answer["AutoScalingGroups"] if one["AutoScalingGroupARN"] == arn]
    if not found:
        raise Gone(f"there is no group {arn}")
    return found[0]


def observe(clients: Clients, arn: str) -> Observed:
    """`{least, most}`; how many are wanted between them moves by itself and is left out. Raises Gone."""
    found = group(clients, arn)
    return Observed({"least": found["MinSize"], "most": found["MaxSize"]})
