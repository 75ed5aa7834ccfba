"""pause-consumer: stop the function that reads a queue from reading it, for a while."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import sqs_consumer
from edsr.declare import Action, Nothing, Permission
from edsr.ports import Clients

ACTION = Action(
    id="pause-consumer",
    title="Stop the function that reads a queue from reading it",
    resource="sqs:queue",
    arguments=Nothing,
    permissions=(Permission(actions=("lambda:UpdateEventSourceMapping",), on="catalogue:lambda:event-source-mapping"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"enabled": False},
    drift="The mapping is switched off, unlike in the template, until the measure ends; deploying switches it on.",
    temporary=True,
    view="sqs_consumer",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Nothing.model_validate(args)
    return {"enabled": False}


def guard(_clients: Clients, _target: str, _state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Nothing speaks against it: a queue keeps what is not read, and one that nobody reads is not paused twice."""


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call, on the mapping that was seen; what is being handled is handled to its end."""
    client = clients("lambda", mutating=True)
    with named(f"pausing or resuming who reads {target}", target=True):
        client.update_event_source_mapping(UUID=revision, Enabled=reach["enabled"])


handler = actuator(ACTION, Hands(sqs_consumer.observe, goal, guard, apply))
