"""nonproduction-rests: the instance or database is stopped."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.errors import Refused
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which one."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    what: str = Field(title="What", description="The ARN of the EC2 instance or the RDS database.")


PROBE = Probe(
    id="nonproduction-rests",
    title="The instance or database is stopped, and costs only its storage",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("ec2:DescribeInstances",), on="*", reason="EC2 lets nobody limit who describes to some instances"
        ),
        Permission(actions=("rds:DescribeDBInstances",), on="catalogue:rds:nonproduction-db"),
    ),
)
STOPS = {"stopping", "shutting-down"}


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Stopped is better, on its way there pending, all else worse."""
    del since, now
    arn = Arguments.model_validate(args).what
    with named(f"reading {arn}"):
        state = _instance(clients, arn) if ":ec2:" in arn else _database(clients, arn)
    if state in {"stopped", "terminated"}:
        return Seen(Judged.BETTER, f"it is {state}")
    return Seen(Judged.PENDING if state in STOPS else Judged.WORSE, f"it is {state}")


def _instance(clients: Clients, arn: str) -> str:
    instance = resource_of(arn, "ec2", "instance/")
    found = clients("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    if not found:
        raise Refused(f"there is no instance {instance}")
    return str(found[0]["Instances"][0]["State"]["Name"])


def _database(clients: Clients, arn: str) -> str:
    database = resource_of(arn, "rds", "db:")
    found = clients("rds").describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    return str(found[0]["DBInstanceStatus"])
