"""run-state-machine: run a user's own state machine that the catalogue names, with this input."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.machine_runs import name_of, stop
from edsr.aws.readers import states_runnable_machine
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """What it runs with."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    input: dict[str, Any] = Field(default={}, title="Input", description="The execution's input, as JSON.")


ACTION = Action(
    id="run-state-machine",
    title="Run a state machine of one's own that the catalogue names",
    resource="states:runnable-machine",
    arguments=Arguments,
    permissions=(
        Permission(actions=("states:StartExecution",), on="catalogue:states:runnable-machine"),
        Permission(actions=("states:StopExecution",), on="catalogue:states:execution"),
    ),
    klass="A",
    reversible=False,
    restores=False,
    customer_visible=False,
    drift="Whatever the state machine changes; its author knows.",
    token_seconds=90 * 86_400,
    runs_on=True,
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: it runs, with this input."""
    return {"running": [json.dumps(Arguments.model_validate(args).input, sort_keys=True)]}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse while it runs with another input: one at a time."""
    if args is not None and state["running"]:
        raise Refused(f"{target} runs already, with {state['running'][0]}: one at a time")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, token: str) -> None:
    """Make the one mutating call; the name tells a repetition, also of what is over by now. To undo is to stop."""
    client = clients("stepfunctions", mutating=True)
    if not reach["running"]:
        stop(client, revision, "the step is undone")
        return
    with named(f"running {target}", target=True):
        try:
            client.start_execution(stateMachineArn=target, name=name_of(token), input=reach["running"][0])
        except client.exceptions.ExecutionAlreadyExists:
            return  # an earlier attempt began it


handler = actuator(ACTION, Hands(states_runnable_machine.observe, goal, guard, apply))
