"""cap-tasks: lower the most tasks that autoscaling may give an ECS service, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import ecs_service_cap
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    most: int = Field(ge=1, title="Most", description="No more than so many tasks.")


ACTION = Action(
    id="cap-tasks",
    title="Lower the most tasks that autoscaling may give an ECS service",
    resource="ecs:service",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("application-autoscaling:RegisterScalableTarget",),
            on="catalogue:application-autoscaling:scalable-target",
        ),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"most.$": "most"},
    drift="The service's upper bound differs from the template until the measure ends.",
    temporary=True,
    view="ecs_service_cap",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"most": Arguments.model_validate(args).most}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse a cap below the floor that its owners set, and one that would be none."""
    if args is None:
        return
    if args["most"] < state["least"]:
        raise Refused(f"{target} needs at least {state['least']} tasks: it cannot be capped at {args['most']}")
    if args["most"] > state["most"]:
        raise Refused(f"{target} may have {state['most']} tasks at most already: {args['most']} would be no cap")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call; the lower bound stays as it is."""
    client = clients("application-autoscaling", mutating=True)
    with named(f"capping {target}", target=True):
        client.register_scalable_target(ResourceId=revision, MaxCapacity=reach["most"], **ecs_service_cap.WHAT)


handler = actuator(ACTION, Hands(ecs_service_cap.observe, goal, guard, apply))
