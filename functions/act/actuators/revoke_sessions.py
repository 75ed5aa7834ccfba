"""revoke-sessions: deny everything to the sessions of a role that were issued before some moment."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import iam_role_sessions
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients
from edsr.times import Utc, iso


class Arguments(BaseModel):
    """Which sessions."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    before: Utc = Field(title="Before", description="Sessions that were issued before this moment, in UTC.")


ACTION = Action(
    id="revoke-sessions",
    title="Deny everything to the sessions of a role that were issued before some moment",
    resource="iam:role",
    arguments=Arguments,
    permissions=(Permission(actions=("iam:PutRolePolicy", "iam:DeleteRolePolicy"), on="catalogue:iam:role"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    drift="The role has an inline policy, edsr-revoke-sessions, until the measure ends.",
    temporary=True,
    view="iam_role_sessions",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached; IAM compares whole seconds."""
    return {"revoked": iso(Arguments.model_validate(args).before.replace(microsecond=0))}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse roles that only AWS may change, and to bring sessions back that another incident has revoked."""
    if ":role/aws-service-role/" in target:
        raise Refused(f"{target} belongs to a service of AWS: nobody else may change it")
    if args is not None and "revoked" in state:
        raise Refused(f"sessions of {target} are revoked already: {state['revoked']}")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; to undo it is to delete the policy."""
    client, whose = clients("iam", mutating=True), target.rpartition("/")[2]
    with named(f"revoking sessions of {target}", target=True):
        if reach["revoked"]:
            said = json.dumps(iam_role_sessions.policy(reach["revoked"]))
            client.put_role_policy(RoleName=whose, PolicyName=iam_role_sessions.NAME, PolicyDocument=said)
        else:
            client.delete_role_policy(RoleName=whose, PolicyName=iam_role_sessions.NAME)


handler = actuator(ACTION, Hands(iam_role_sessions.observe, goal, guard, apply))
