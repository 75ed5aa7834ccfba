"""retry-run: let a run of a state machine that failed go on from where it failed."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import states_run
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="retry-run",
    title="Let a failed run of a state machine go on from where it failed",
    resource="states:run",
    arguments=Nothing,
    permissions=(Permission(actions=("states:RedriveExecution",), on="catalogue:states:run"),),
    klass="A",
    reversible=False,
    restores=False,
    customer_visible=False,
    reaches={"trying": True},
    drift="None: the same run goes on, with the definition that it began with.",
    token_seconds=900,
    aws_only="RedriveExecution",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: the run goes on, or went well."""
    Nothing.model_validate(args)
    return {"trying": True}


def guard(_clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse what Step Functions would: an express run, one older than 14 days, one with too long a history."""
    if "stuck" in state:
        raise Refused(f"{target} cannot go on: {state['stuck']}")


def apply(clients: Clients, target: str, _reach: dict[str, Any], _revision: str, token: str) -> None:
    """Make the one mutating call; the state that failed is entered once more."""
    client = clients("stepfunctions", mutating=True)
    with named(f"letting {target} go on", target=True):
        client.redrive_execution(executionArn=target, clientToken=token)


handler = actuator(ACTION, Hands(states_run.observe, goal, guard, apply))
