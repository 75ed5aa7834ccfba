"""stop-configuration: stop the newest deployment of AppConfig to an environment, or revert it when it is complete."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import appconfig_environment
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """Which deployment."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    deployment: int = Field(
        default=0, ge=0, title="Deployment", description="The number of the deployment that is meant; 0 for the newest."
    )


ACTION = Action(
    id="stop-configuration",
    title="Stop the newest deployment of configuration to an environment, and go back to the one before",
    resource="appconfig:environment",
    arguments=Arguments,
    permissions=(
        Permission(actions=("appconfig:StopDeployment",), on="catalogue:appconfig:environment"),
        Permission(actions=("appconfig:StopDeployment",), on="catalogue:appconfig:application"),
        Permission(actions=("appconfig:StopDeployment",), on="catalogue:appconfig:deployment"),
    ),
    klass="C",
    reversible=True,
    restores=True,
    customer_visible=True,
    reaches={"stands": False},
    drift="The environment serves an older configuration than the pipeline deployed, until the next one.",
    aws_only="StopDeployment and ListDeployments",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Arguments.model_validate(args)
    return {"stands": False}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse when another configuration was deployed since, and for the first one: nothing was served before it."""
    meant = (args or {}).get("deployment") or state["deployment"]
    if state["deployment"] != meant:
        raise Refused(f"deployment {state['deployment']} went to {target} by now, not {meant}")
    if state["deployment"] == 1:
        raise Refused(f"nothing was deployed to {target} before: there is nothing to go back to")


def apply(clients: Clients, target: str, _reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call. AppConfig reverts what is complete for 72 hours, and refuses afterwards."""
    application, environment = appconfig_environment.names(target)
    client = clients("appconfig", mutating=True)
    with named(f"stopping deployment {revision} of {target}", target=True):
        client.stop_deployment(
            ApplicationId=application, EnvironmentId=environment, DeploymentNumber=int(revision), AllowRevert=True
        )


handler = actuator(ACTION, Hands(appconfig_environment.observe, goal, guard, apply))
