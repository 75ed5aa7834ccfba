"""ec2:nonproduction-instance - whether an instance runs, for which environment, and of which group it is."""

from typing import Any

from edsr.aws.readers import ec2_instance
from edsr.declare import Reader
from edsr.ports import Clients, Observed

READER = Reader(resource="ec2:nonproduction-instance", permissions=ec2_instance.READER.permissions)
RUNNING = ("pending", "running")


def observe(clients: Clients, arn: str) -> Observed:
    """`{running, environment?, group?}`; one that is stopping does not run. Raises Gone for one that was terminated."""
    described = ec2_instance.found(clients, arn)
    tags = ec2_instance.tags(described)
    state: dict[str, Any] = {"running": described["State"]["Name"] in RUNNING, **environment(tags)}
    group = tags.get(ec2_instance.GROUP)
    return Observed(state if group is None else {**state, "group": group})


def environment(tags: dict[str, str]) -> dict[str, str]:
    """What the tag `environment` says, in small letters; nothing where there is none."""
    return {"environment": tags["environment"].lower()} if "environment" in tags else {}
