"""prewarm-function: keep environments of a Lambda alias ready, so that requests find none cold, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import lambda_alias, lambda_alias_warmth
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    ready: int = Field(ge=1, title="Ready", description="So many environments are kept ready, and paid for.")


ACTION = Action(
    id="prewarm-function",
    title="Keep environments of a Lambda alias ready, so that requests find none cold",
    resource="lambda:alias",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("lambda:PutProvisionedConcurrencyConfig", "lambda:DeleteProvisionedConcurrencyConfig"),
            on="catalogue:lambda:alias",
        ),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"ready.$": "ready"},
    drift="The alias's provisioned concurrency differs from the template until the measure ends.",
    temporary=True,
    yields_to=("codedeploy",),
    view="lambda_alias_warmth",
    aws_only="provisioned concurrency",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"ready": Arguments.model_validate(args).ready}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse where another hand counts, and what would not be more."""
    if state["scaled"]:
        raise Refused(f"autoscaling counts what is kept ready of {target}: raise its bounds instead")
    if args is not None and args["ready"] < state.get("ready", 0):
        raise Refused(f"{state['ready']} of {target} are kept ready already: {args['ready']} would not be more")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; what had none ready before has none again, and goes on answering, cold."""
    function, alias = lambda_alias.names(target)
    client = clients("lambda", mutating=True)
    with named(f"warming {target}, or letting it cool", target=True):
        if reach["ready"] is None:
            client.delete_provisioned_concurrency_config(FunctionName=function, Qualifier=alias)
        else:
            client.put_provisioned_concurrency_config(
                FunctionName=function, Qualifier=alias, ProvisionedConcurrentExecutions=reach["ready"]
            )


handler = actuator(ACTION, Hands(lambda_alias_warmth.observe, goal, guard, apply))
