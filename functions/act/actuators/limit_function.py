"""limit-function: let a Lambda function run no more than so often at once, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import lambda_function
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How often at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    most: int = Field(ge=1, le=10_000, title="Most", description="No more than so often at once; what comes is shed.")


ACTION = Action(
    id="limit-function",
    title="Let a Lambda function run no more than so often at once, and shed the rest",
    resource="lambda:function",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("lambda:PutFunctionConcurrency", "lambda:DeleteFunctionConcurrency"),
            on="catalogue:lambda:function",
        ),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"most.$": "most"},
    drift="The function's reserved concurrency differs from the template until the measure ends.",
    temporary=True,
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"most": Arguments.model_validate(args).most}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what would be a raise: what is reserved for one is taken from all others."""
    if args is not None and args["most"] > state.get("most", args["most"]):
        raise Refused(f"{target} may run {state['most']} times at once at most already: {args['most']} would be more")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; what had no limit of its own before has none again."""
    function = resource_of(target, "lambda", "function:")
    client = clients("lambda", mutating=True)
    with named(f"limiting {target}, or letting it go", target=True):
        if reach["most"] is None:
            client.delete_function_concurrency(FunctionName=function)
        else:
            client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=reach["most"])


handler = actuator(ACTION, Hands(lambda_function.observe, goal, guard, apply))
