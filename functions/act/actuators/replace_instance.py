"""replace-instance: take an instance out of its Auto Scaling group, which launches another one in its place."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ec2_instance_membership
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="replace-instance",
    title="Take an instance out of its Auto Scaling group, which launches another one",
    resource="ec2:instance",
    arguments=Nothing,
    permissions=(
        Permission(
            actions=("autoscaling:DetachInstances", "autoscaling:AttachInstances"),
            on="catalogue:autoscaling:autoScalingGroup",
        ),
        Permission(
            actions=("autoscaling:DescribeAutoScalingGroups",),
            on="*",
            reason="EC2 Auto Scaling lets nobody limit who describes to some groups",
        ),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"group": None},
    drift="None: the group has as many instances as before; the one that was taken out runs on, in no group.",
    view="ec2_instance_membership",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: it is in no group."""
    Nothing.model_validate(args)
    return {"group": None}


def guard(clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse where nothing would come in its place: a group that may not launch, or lacks others already."""
    if args is None:
        return
    name = state["group"]
    with named(f"reading the group {name}"):
        answer = clients("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    for group in answer["AutoScalingGroups"]:
        suspended = [one["ProcessName"] for one in group.get("SuspendedProcesses", [])]
        if "Launch" in suspended:
            raise Refused(f"{name} launches nothing at present: nothing would come in place of {target}")
        instance = resource_of(target, "ec2", "instance/")
        serving = [one for one in group["Instances"] if one["LifecycleState"] == "InService"]
        others = sum(one["HealthStatus"] == "Healthy" and one["InstanceId"] != instance for one in serving)
        wanted = group["DesiredCapacity"]
        if others < wanted - 1:
            raise Refused(f"{others} others of {name} are healthy of {wanted} that are wanted: one at a time")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call; to undo it is to take the instance in again, beside the one that came for it."""
    instance = resource_of(target, "ec2", "instance/")
    client = clients("autoscaling", mutating=True)
    with named(f"replacing {target}", target=True):
        if reach["group"]:
            client.attach_instances(InstanceIds=[instance], AutoScalingGroupName=reach["group"])
        else:
            client.detach_instances(
                InstanceIds=[instance], AutoScalingGroupName=revision, ShouldDecrementDesiredCapacity=False
            )


handler = actuator(ACTION, Hands(ec2_instance_membership.observe, goal, guard, apply))
