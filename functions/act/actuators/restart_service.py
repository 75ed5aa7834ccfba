"""restart-service: replace the tasks of an ECS service in place, with the definition that it runs."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ecs_service_rollout
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="restart-service",
    title="Replace the tasks of an ECS service in place",
    resource="ecs:service",
    arguments=Nothing,
    permissions=(Permission(actions=("ecs:UpdateService",), on="catalogue:ecs:service"),),
    klass="C",
    reversible=False,
    restores=False,
    customer_visible=True,
    reaches={"rolling": True},
    drift="None: the same task definition runs; an image that it names by a tag is looked up anew.",
    yields_to=("codedeploy",),
    view="ecs_service_rollout",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached. A deployment under way replaces the tasks already."""
    Nothing.model_validate(args)
    return {"rolling": True}


def guard(_clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse where another hand deploys: it would be asked for a release of its own."""
    if state["controller"] != "ECS":
        raise Refused(f"{target} is deployed by {state['controller']}: restart it there")


def apply(clients: Clients, target: str, _reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; new tasks start before old ones stop, as far as the service's own bounds let them."""
    cluster = resource_of(target, "ecs", "service/").rpartition("/")[0]
    client = clients("ecs", mutating=True)
    with named(f"restarting {target}", target=True):
        client.update_service(cluster=cluster, service=target, forceNewDeployment=True)


handler = actuator(ACTION, Hands(ecs_service_rollout.observe, goal, guard, apply))
