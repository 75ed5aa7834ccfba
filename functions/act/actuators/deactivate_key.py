"""deactivate-key: make a user's access key inactive, so that nobody can sign with it any more."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import iam_user
from edsr.declare import Action, Permission
from edsr.errors import Gone
from edsr.ports import Clients


class Arguments(BaseModel):
    """Which key."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: str = Field(
        pattern=r"^AKIA[A-Z0-9]{12,124}$",
        title="Key",
        description="The id of a long-lived key, AKIA...; one of a session (ASIA...) cannot be deactivated.",
    )


ACTION = Action(
    id="deactivate-key",
    title="Make an access key of a user inactive",
    resource="iam:user",
    arguments=Arguments,
    permissions=(Permission(actions=("iam:UpdateAccessKey",), on="catalogue:iam:user"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    drift="The key is inactive; a template that manages it says Active.",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {Arguments.model_validate(args).key: "Inactive"}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """A key that is not there any more cannot be used either."""
    if args is not None and args["key"] not in state:
        raise Gone(f"{target} has no key {args['key']}")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call."""
    ((key, status),) = reach.items()
    client = clients("iam", mutating=True)
    with named(f"making {key} of {target} {status}", target=True):
        client.update_access_key(UserName=target.rpartition("/")[2], AccessKeyId=key, Status=status)


handler = actuator(ACTION, Hands(iam_user.observe, goal, guard, apply))
