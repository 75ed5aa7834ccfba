"""stop-instance: stop an EC2 instance that is not for production, for a while."""

from typing import Any

from act.hands import Hands
from act.production import keep_off
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ec2_instance_power
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="stop-instance",
    title="Stop an EC2 instance that is not for production",
    resource="ec2:nonproduction-instance",
    arguments=Nothing,
    permissions=(
        Permission(actions=("ec2:StopInstances", "ec2:StartInstances"), on="catalogue:ec2:nonproduction-instance"),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"running": False},
    drift="None: a template does not say whether an instance runs.",
    temporary=True,
    view="ec2_instance_power",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Nothing.model_validate(args)
    return {"running": False}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what is for production, and an instance that its group would replace."""
    if args is None:
        return
    keep_off(target, state)
    if "group" in state:
        raise Refused(f"{target} is of group {state['group']}, which would replace it: stop the group")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; what is in memory, and on disks of its host, is lost."""
    instance, client = resource_of(target, "ec2", "instance/"), clients("ec2", mutating=True)
    with named(f"stopping or starting {target}", target=True):
        if reach["running"]:
            client.start_instances(InstanceIds=[instance])
        else:
            client.stop_instances(InstanceIds=[instance])


handler = actuator(ACTION, Hands(ec2_instance_power.observe, goal, guard, apply))
