"""start-logging: let a trail log again."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import cloudtrail_trail
from edsr.declare import Action, Nothing, Permission
from edsr.ports import Clients

ACTION = Action(
    id="start-logging",
    title="Let a trail log again",
    resource="cloudtrail:trail",
    arguments=Nothing,
    permissions=(Permission(actions=("cloudtrail:StartLogging",), on="catalogue:cloudtrail:trail"),),
    klass="C",
    reversible=True,
    restores=True,
    customer_visible=False,
    reaches={"logging": True},
    drift="None: a trail is meant to log.",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Nothing.model_validate(args)
    return {"logging": True}


def guard(_clients: Clients, _target: str, _state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Nothing speaks against it: who may not log says so in the catalogue, as protected."""


def apply(clients: Clients, target: str, _reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call. The role cannot stop a trail: what is undone here, a person does."""
    client = clients("cloudtrail", mutating=True)
    with named(f"starting {target}", target=True):
        client.start_logging(Name=target)


handler = actuator(ACTION, Hands(cloudtrail_trail.observe, goal, guard, apply))
