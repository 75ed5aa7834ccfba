"""roll-service-back: point an ECS service at the task definition that it ran when it was last steady."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ecs_service
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """Where it goes back to, and from which deployment."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    to: str = Field(
        pattern=r"^arn:[^:]+:ecs:[^:]*:\d{12}:task-definition/[\w-]+:\d+$",
        title="To",
        description="The task definition's ARN, with its revision.",
    )
    failed: str = Field(
        default="", title="Failed", description="The id of the deployment that failed, ecs-svc/...; empty for any."
    )


ACTION = Action(
    id="roll-service-back",
    title="Point an ECS service at the task definition of its last completed deployment",
    resource="ecs:service",
    arguments=Arguments,
    permissions=(Permission(actions=("ecs:UpdateService",), on="catalogue:ecs:service"),),
    klass="C",
    reversible=True,
    restores=True,
    customer_visible=True,
    reaches={"task_definition.$": "to"},
    drift="The service runs an older task definition than the template names, until the next release.",
    yields_to=("codedeploy",),
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"task_definition": Arguments.model_validate(args).to}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse where another hand rolls back, and where somebody has released something else since."""
    if state["controller"] != "ECS":
        raise Refused(f"{target} is deployed by {state['controller']}: stop the deployment there")
    if state["rolls_back"]:
        raise Refused(f"the circuit breaker of {target} rolls back by itself: two hands must not share one service")
    failed = (args or {}).get("failed") or state["deployment"]
    if state["deployment"] != failed:
        raise Refused(f"{target} runs {state['deployment']} by now, not {failed}, which failed")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; ECS deploys the older definition as it deploys any."""
    cluster = resource_of(target, "ecs", "service/").rpartition("/")[0]
    client = clients("ecs", mutating=True)
    with named(f"rolling {target} back", target=True):
        client.update_service(cluster=cluster, service=target, taskDefinition=reach["task_definition"])


handler = actuator(ACTION, Hands(ecs_service.observe, goal, guard, apply))
