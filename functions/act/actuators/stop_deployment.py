"""stop-deployment: stop a deployment of CodeDeploy, and let CodeDeploy roll back what it has deployed so far."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import codedeploy_deployment_group
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """Which deployment."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    deployment: str = Field(
        default="",
        pattern=r"^(d-[A-Z0-9]+)?$",
        title="Deployment",
        description="The id of the deployment that is meant, d-...; empty for the one that is under way.",
    )


ACTION = Action(
    id="stop-deployment",
    title="Stop a deployment of CodeDeploy and roll back what it has deployed",
    resource="codedeploy:deployment-group",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("codedeploy:StopDeployment",),
            on="*",
            reason="CodeDeploy lets nobody limit who stops deployments to those of some groups: a person is asked",
        ),
    ),
    klass="C",
    reversible=True,
    restores=True,
    customer_visible=True,
    reaches={"deploying": False},
    drift="The group runs the revision before the one that the pipeline deployed, until the next release.",
    aws_only="StopDeployment",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: nothing is under way but the way back."""
    Arguments.model_validate(args)
    return {"deploying": False}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse to stop another deployment than the one that is meant, and the first one, which leads back to nothing."""
    meant = (args or {}).get("deployment") or state["deployment"]
    if state["deployment"] != meant:
        raise Refused(f"{state['deployment']} is deployed to {target} by now, not {meant}")
    if "last_good" not in state:
        raise Refused(f"no deployment to {target} ever succeeded: there is nothing to roll back to")


def apply(clients: Clients, target: str, _reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call, on the deployment that was seen. What was stopped is not resumed: a person who wants
    it deploys it again."""
    client = clients("codedeploy", mutating=True)
    with named(f"stopping {revision} of {target}", target=True):
        client.stop_deployment(deploymentId=revision, autoRollbackEnabled=True)


handler = actuator(ACTION, Hands(codedeploy_deployment_group.observe, goal, guard, apply))
