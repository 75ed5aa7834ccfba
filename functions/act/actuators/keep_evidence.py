"""keep-evidence: take snapshots of all volumes of an instance at one moment, marked with the case that they are for."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ec2_instance_snapshots
from edsr.declare import Action, Permission
from edsr.ports import Clients


class Arguments(BaseModel):
    """For which case."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    case: str = Field(
        pattern=r"^[A-Za-z0-9_.:/=+@-]{1,256}$",
        title="Case",
        description="What the snapshots are marked with: a finding's id.",
    )


ACTION = Action(
    id="keep-evidence",
    title="Take snapshots of all volumes of an instance, marked with the case",
    resource="ec2:instance",
    arguments=Arguments,
    permissions=(
        Permission(actions=("ec2:CreateSnapshots",), on="catalogue:ec2:instance"),
        Permission(actions=("ec2:CreateSnapshots",), on="catalogue:ec2:volume"),
        Permission(actions=("ec2:CreateSnapshots", "ec2:CreateTags"), on="catalogue:ec2:snapshot"),
    ),
    klass="C",
    reversible=False,
    restores=False,
    customer_visible=False,
    drift="None: snapshots that no template knows, until a person deletes them.",
    view="ec2_instance_snapshots",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {Arguments.model_validate(args).case: "kept"}


def guard(_clients: Clients, _target: str, _state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Nothing speaks against it: to look is no harm. That evidence is never deleted again is why a person is asked."""


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call: all volumes, as they are at one moment."""
    (case,) = reach
    instance = resource_of(target, "ec2", "instance/")
    marks = {ec2_instance_snapshots.INSTANCE: instance, ec2_instance_snapshots.CASE: case}
    tags = [{"Key": name, "Value": value} for name, value in marks.items()]
    client = clients("ec2", mutating=True)
    with named(f"keeping evidence of {target}", target=True):
        client.create_snapshots(
            InstanceSpecification={"InstanceId": instance},
            Description=f"Evidence of {instance}",
            TagSpecifications=[{"ResourceType": "snapshot", "Tags": tags}],
        )


handler = actuator(ACTION, Hands(ec2_instance_snapshots.observe, goal, guard, apply))
