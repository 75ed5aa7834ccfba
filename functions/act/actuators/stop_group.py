"""stop-group: let an Auto Scaling group that is not for production have no instances, for a while."""

from typing import Any

from act.hands import Hands
from act.production import keep_off
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import autoscaling_group, autoscaling_group_size
from edsr.declare import Action, Nothing, Permission
from edsr.ports import Clients

ACTION = Action(
    id="stop-group",
    title="Let an Auto Scaling group that is not for production have no instances",
    resource="autoscaling:nonproduction-group",
    arguments=Nothing,
    permissions=(
        Permission(actions=("autoscaling:UpdateAutoScalingGroup",), on="catalogue:autoscaling:nonproduction-group"),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"least": 0, "most": 0, "wanted": 0},
    drift="The group's sizes differ from the template until the measure ends; deploying starts it again.",
    temporary=True,
    view="autoscaling_group_size",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Nothing.model_validate(args)
    return {"least": 0, "most": 0, "wanted": 0}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what is for production."""
    if args is not None:
        keep_off(target, state)


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; the instances are terminated, and others are launched when it is undone."""
    client = clients("autoscaling", mutating=True)
    with named(f"emptying or filling {target}", target=True):
        client.update_auto_scaling_group(
            AutoScalingGroupName=autoscaling_group.name_of(target),
            MinSize=reach["least"],
            MaxSize=reach["most"],
            DesiredCapacity=reach["wanted"],
        )


handler = actuator(ACTION, Hands(autoscaling_group_size.observe, goal, guard, apply))
