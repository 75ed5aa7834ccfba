"""raise-concurrency: let the function that reads a queue run more often at once, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import sqs_consumer
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How many at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    most: int = Field(ge=2, le=1000, title="Most", description="No more than so many at once; Lambda takes 2 to 1000.")


ACTION = Action(
    id="raise-concurrency",
    title="Let the function that reads a queue run more often at once",
    resource="sqs:queue",
    arguments=Arguments,
    permissions=(Permission(actions=("lambda:UpdateEventSourceMapping",), on="catalogue:lambda:event-source-mapping"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"most.$": "most"},
    drift="The mapping's maximum concurrency differs from the template until the measure ends.",
    temporary=True,
    view="sqs_consumer",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"most": Arguments.model_validate(args).most}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what would not be a raise: without a limit, below it, or while nobody reads."""
    if "most" not in state:
        raise Refused(f"{state['function']} has no limit of its own on {target}: there is nothing to raise")
    if not state["enabled"]:
        raise Refused(f"{state['function']} does not read {target}: somebody has stopped it")
    if args is not None and args["most"] < state["most"]:
        raise Refused(f"{args['most']} is less than the {state['most']} that {state['function']} may run already")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call, on the mapping that was seen."""
    client = clients("lambda", mutating=True)
    with named(f"raising how often {target} is read at once", target=True):
        client.update_event_source_mapping(UUID=revision, ScalingConfig={"MaximumConcurrency": reach["most"]})


handler = actuator(ACTION, Hands(sqs_consumer.observe, goal, guard, apply))
