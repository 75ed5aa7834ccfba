"""evidence-is-kept: the snapshots of an instance that were taken for a case are complete."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Of which instance, for which case."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    instance: str = Field(title="Instance", description="The ARN of the instance.")
    case: str = Field(title="Case", description="What the snapshots are marked with.")


PROBE = Probe(
    id="evidence-is-kept",
    title="The snapshots of an instance that were taken for a case are on their way or complete",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("ec2:DescribeSnapshots",),
            on="*",
            reason="EC2 lets nobody limit who describes to some snapshots",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Taken is better, also while EC2 still copies: what a snapshot shows is fixed when it begins. One that failed, or
    none at all, is worse."""
    del since, now
    how = Arguments.model_validate(args)
    marks = {"edsr:instance": resource_of(how.instance, "ec2", "instance/"), "edsr:case": how.case}
    with named(f"reading the snapshots of {how.instance}"):
        found = clients("ec2").describe_snapshots(
            OwnerIds=["self"], Filters=[{"Name": f"tag:{name}", "Values": [value]} for name, value in marks.items()]
        )["Snapshots"]
    states = {one["SnapshotId"]: str(one["State"]) for one in found}
    said = ", ".join(f"{name} is {state}" for name, state in sorted(states.items())) or "there is no snapshot"
    whole = states and set(states.values()) <= {"pending", "completed"}
    return Seen(Judged.BETTER if whole else Judged.WORSE, said)
