"""bound-group: set how few and how many instances an Auto Scaling group may have, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import autoscaling_group
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How few, and how many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    least: int = Field(ge=1, title="Least", description="No fewer than so many instances.")
    most: int = Field(ge=1, title="Most", description="No more than so many instances.")


ACTION = Action(
    id="bound-group",
    title="Set how few and how many instances an Auto Scaling group may have",
    resource="autoscaling:autoScalingGroup",
    arguments=Arguments,
    permissions=(
        Permission(actions=("autoscaling:UpdateAutoScalingGroup",), on="catalogue:autoscaling:autoScalingGroup"),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"least.$": "least", "most.$": "most"},
    drift="The group's bounds differ from the template until the measure ends; deploying sets them back.",
    temporary=True,
    view="autoscaling_group",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    how = Arguments.model_validate(args)
    return {"least": how.least, "most": how.most}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse bounds that cross, and to wake a group that somebody has put to sleep."""
    if args is None:
        return
    if args["least"] > args["most"]:
        raise Refused(f"{target} cannot have at least {args['least']} and at most {args['most']} instances")
    if state["most"] == 0:
        raise Refused(f"{target} may have no instances at all: somebody has stopped it")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; what is wanted moves within the bounds at once, and instances with it."""
    name, client = autoscaling_group.name_of(target), clients("autoscaling", mutating=True)
    with named(f"bounding {target}", target=True):
        client.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=reach["least"], MaxSize=reach["most"])


handler = actuator(ACTION, Hands(autoscaling_group.observe, goal, guard, apply))
