"""scale-service: let an ECS service run more tasks, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ecs_service_size
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tasks: int = Field(ge=1, le=5000, title="Tasks", description="So many tasks are wanted; ECS takes at most 5,000.")


ACTION = Action(
    id="scale-service",
    title="Let an ECS service run more tasks",
    resource="ecs:service",
    arguments=Arguments,
    permissions=(Permission(actions=("ecs:UpdateService",), on="catalogue:ecs:service"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"tasks.$": "tasks"},
    drift="The service's desired count differs from the template until the measure ends; deploying sets it back.",
    temporary=True,
    view="ecs_service_size",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"tasks": Arguments.model_validate(args).tasks}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse where another hand counts the tasks, and what would not be more."""
    if state["strategy"] != "REPLICA":
        raise Refused(f"{target} runs one task on each instance: it grows with its cluster")
    if state["scaled"]:
        raise Refused(f"autoscaling counts the tasks of {target}: raise its bounds instead")
    if args is not None and args["tasks"] < state["tasks"]:
        raise Refused(f"{target} is to run {state['tasks']} tasks already: {args['tasks']} would not be more")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; a count alone starts no deployment."""
    cluster = resource_of(target, "ecs", "service/").rpartition("/")[0]
    client = clients("ecs", mutating=True)
    with named(f"scaling {target}", target=True):
        client.update_service(cluster=cluster, service=target, desiredCount=reach["tasks"])


handler = actuator(ACTION, Hands(ecs_service_size.observe, goal, guard, apply))
