"""ec2:instance - which security groups an instance is behind, and what it is."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone, Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ec2:instance",
    permissions=(
        Permission(
            actions=("ec2:DescribeInstances",), on="*", reason="EC2 lets nobody limit who describes to some instances"
        ),
    ),
)
OVER = ("shutting-down", "terminated")
KEPT = ("ImageId", "InstanceType", "PrivateIpAddress", "PublicIpAddress", "SubnetId", "VpcId")
GROUP = "aws:autoscaling:groupName"
"""The tag by which EC2 Auto Scaling marks what is in a group."""


def found(clients: Clients, arn: str) -> dict[str, Any]:
    """The instance as EC2 describes it. Raises Gone for one that is terminated, Refused for another account's."""
    instance = resource_of(arn, "ec2", "instance/")
    with named(f"reading {arn}", target=True):
        reservations = clients("ec2").describe_instances(InstanceIds=[instance])["Reservations"]
    every = [(one["OwnerId"], each) for one in reservations for each in one["Instances"]]
    if not every or every[0][1]["State"]["Name"] in OVER:
        raise Gone(f"{arn} is terminated")
    owner, described = every[0]
    if owner != arn.split(":")[4]:
        raise Refused(f"{arn} is out of reach: what has its id here is {owner}'s")
    kept: dict[str, Any] = described
    return kept


def tags(described: dict[str, Any]) -> dict[str, str]:
    """Its tags."""
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}


def observe(clients: Clients, arn: str) -> Observed:
    """`{groups, interfaces}`: the ids of its security groups, in order, and how many interfaces it has. What else it
    is, its role, its volumes and its tags are evidence."""
    described = found(clients, arn)
    evidence: dict[str, Any] = {name: described[name] for name in KEPT if described.get(name)}
    evidence |= {
        "state": described["State"]["Name"],
        "role": described.get("IamInstanceProfile", {}).get("Arn", ""),
        "volumes": sorted(one["Ebs"]["VolumeId"] for one in described.get("BlockDeviceMappings", []) if "Ebs" in one),
        "tags": tags(described),
    }
    groups = sorted(one["GroupId"] for one in described.get("SecurityGroups", []))
    state = {"groups": groups, "interfaces": len(described.get("NetworkInterfaces", []))}
    return Observed(state, evidence=evidence)
