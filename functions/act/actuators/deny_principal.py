"""deny-principal: deny a user everything, for a while, whatever else allows it and whichever key is used."""

import json
from typing import Any

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import iam_user_denial
from edsr.declare import Action, Nothing, Permission
from edsr.errors import Refused
from edsr.ports import Clients

ACTION = Action(
    id="deny-principal",
    title="Deny a user everything",
    resource="iam:user",
    arguments=Nothing,
    permissions=(Permission(actions=("iam:PutUserPolicy", "iam:DeleteUserPolicy"), on="catalogue:iam:user"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"denied": "everything"},
    drift="The user has an inline policy, edsr-deny, until the measure ends.",
    temporary=True,
    view="iam_user_denial",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    Nothing.model_validate(args)
    return {"denied": "everything"}


def guard(_clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse to write over a denial that somebody has changed."""
    if state.get("denied", "everything") != "everything":
        raise Refused(f"somebody has rewritten the policy {iam_user_denial.NAME} of {target}")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; to undo it is to delete the policy."""
    client, whose = clients("iam", mutating=True), target.rpartition("/")[2]
    with named(f"denying {target}", target=True):
        if reach["denied"]:
            said = json.dumps(iam_user_denial.EVERYTHING)
            client.put_user_policy(UserName=whose, PolicyName=iam_user_denial.NAME, PolicyDocument=said)
        else:
            client.delete_user_policy(UserName=whose, PolicyName=iam_user_denial.NAME)


handler = actuator(ACTION, Hands(iam_user_denial.observe, goal, guard, apply))
