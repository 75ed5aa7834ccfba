"""rotate-secret: start the rotation of a secret again, once nothing of the last one is left."""

from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import secretsmanager_secret
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="rotate-secret",
    title="Start the rotation of a secret again",
    resource="secretsmanager:secret",
    arguments=Nothing,
    permissions=(Permission(actions=("secretsmanager:RotateSecret",), on="catalogue:secretsmanager:secret"),),
    klass="C",
    reversible=False,
    restores=False,
    customer_visible=True,
    reaches={"rotating": True},
    drift="None: the rotation's settings stay as they are.",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached. A version that was left half-way counts as one that is on its way:
    the new password may be the only one that works, so what becomes of it is for a person."""
    Nothing.model_validate(args)
    return {"rotating": True}


def guard(_clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse where rotation is switched off: somebody wants it so."""
    if not state["rotates"]:
        raise Refused(f"rotation of {target} is switched off")


def apply(clients: Clients, target: str, _reach: dict[str, Any], _revision: str, token: str) -> None:
    """Make the one mutating call; the token becomes the new version's id, so that a repetition makes no second one."""
    client = clients("secretsmanager", mutating=True)
    with named(f"rotating {target}", target=True):
        client.rotate_secret(SecretId=target, ClientRequestToken=token)


handler = actuator(ACTION, Hands(secretsmanager_secret.observe, goal, guard, apply))
