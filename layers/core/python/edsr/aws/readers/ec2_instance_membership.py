"""ec2:instance - which Auto Scaling group an instance is in."""

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ec2:instance",
    permissions=(
        Permission(
            actions=("autoscaling:DescribeAutoScalingInstances",),
            on="*",
            reason="EC2 Auto Scaling lets nobody limit who describes to some instances",
        ),
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{group}`, and the group's name; where the instance stands in its life there is evidence. What is in no group
    has no state."""
    instance = resource_of(arn, "ec2", "instance/")
    with named(f"looking for the group of {arn}", target=True):
        answer = clients("autoscaling").describe_auto_scaling_instances(InstanceIds=[instance])
    found = answer["AutoScalingInstances"]
    if not found:
        return Observed({})
    evidence = {name: found[0][name] for name in ("LifecycleState", "HealthStatus", "AvailabilityZone")}
    group = found[0]["AutoScalingGroupName"]
    return Observed({"group": group}, group, evidence)
