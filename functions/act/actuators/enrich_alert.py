"""enrich-alert: mark an alarm with its incident, and keep with it what there was around it, for who is paged."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import cloudwatch_alarm
from edsr.declare import Action, Permission
from edsr.ports import Clients


class Arguments(BaseModel):
    """For which case."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    case: str = Field(
        pattern=r"^[A-Za-z0-9_.:/=+@-]{1,256}$",
        title="Case",
        description="What the alarm is marked with: a finding's id.",
    )


ACTION = Action(
    id="enrich-alert",
    title="Mark an alarm with its case, and keep what was around it for the page",
    resource="cloudwatch:alarm",
    arguments=Arguments,
    permissions=(
        Permission(actions=("cloudwatch:TagResource", "cloudwatch:UntagResource"), on="catalogue:cloudwatch:alarm"),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"case.$": "case"},
    drift="A tag that no template knows, on the alarm.",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"case": Arguments.model_validate(args).case}


def guard(_clients: Clients, _target: str, _state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Nothing speaks against it: it changes a tag, and reads."""


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call: the mark, or none where there was none before."""
    client = clients("cloudwatch", mutating=True)
    with named(f"marking {target}", target=True):
        if reach["case"] is None:
            client.untag_resource(ResourceARN=target, TagKeys=[cloudwatch_alarm.MARK])
        else:
            client.tag_resource(ResourceARN=target, Tags=[{"Key": cloudwatch_alarm.MARK, "Value": reach["case"]}])


handler = actuator(ACTION, Hands(cloudwatch_alarm.observe, goal, guard, apply))
