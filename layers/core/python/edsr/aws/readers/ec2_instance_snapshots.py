"""ec2:instance - for which cases the volumes of an instance were kept as snapshots."""

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ec2_instance
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ec2:instance",
    permissions=(
        Permission(
            actions=("ec2:DescribeInstances", "ec2:DescribeSnapshots"),
            on="*",
            reason="EC2 lets nobody limit who describes to some instances or snapshots",
        ),
    ),
)
INSTANCE, CASE = "edsr:instance", "edsr:case"
"""Tags of a snapshot: of which instance it is, and for which case it was kept."""


def observe(clients: Clients, arn: str) -> Observed:
    """`{case: kept}` for each case. Raises Gone for an instance that is terminated: its volumes may be gone, too."""
    ec2_instance.found(clients, arn)
    wanted = [{"Name": f"tag:{INSTANCE}", "Values": [resource_of(arn, "ec2", "instance/")]}]
    pages = clients("ec2").get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=wanted)
    with named(f"reading the snapshots of {arn}", target=True):
        found = [tag for page in pages for one in page["Snapshots"] for tag in one.get("Tags", [])]
    return Observed({tag["Value"]: "kept" for tag in found if tag["Key"] == CASE})
