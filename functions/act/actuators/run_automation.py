"""run-automation: run an SSM automation that the catalogue names, with these parameters."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.automations import definition, stop
from edsr.aws.faults import named
from edsr.aws.readers import ssm_automation
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """What it runs with."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    parameters: dict[str, list[str]] = Field(
        default={}, title="Parameters", description="The document's parameters by name, each a list of texts."
    )


ACTION = Action(
    id="run-automation",
    title="Run an SSM automation that the catalogue names",
    resource="ssm:automation",
    arguments=Arguments,
    permissions=(
        Permission(actions=("ssm:StartAutomationExecution",), on="catalogue:ssm:automation"),
        Permission(actions=("ssm:StopAutomationExecution",), on="catalogue:ssm:automation-execution"),
        Permission(actions=("iam:PassRole",), on="catalogue:iam:automation-role"),
    ),
    klass="A",
    reversible=False,
    restores=False,
    customer_visible=False,
    reaches={"running.$": "[parameters]"},
    drift="Whatever the automation changes; its author knows.",
    token_seconds=600,
    runs_on=True,
    aws_only="SSM Automation",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: it runs, with these parameters."""
    return {"running": [Arguments.model_validate(args).parameters]}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse while it runs with other parameters: one at a time."""
    if args is not None and state["running"]:
        raise Refused(f"{target} runs already, with {state['running'][0]}: one at a time")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, token: str) -> None:
    """Make the one mutating call; to undo it is to stop what was seen running."""
    client, what = clients("ssm", mutating=True), definition(target)
    if not reach["running"]:
        stop(client, revision)
        return
    (parameters,) = reach["running"]
    given = {"Parameters": parameters} if parameters else {}  # SSM takes no empty map
    with named(f"running {target}", target=True):
        client.start_automation_execution(
            DocumentName=what.name, DocumentVersion=what.version, ClientToken=token, **given
        )


handler = actuator(ACTION, Hands(ssm_automation.observe, goal, guard, apply))
