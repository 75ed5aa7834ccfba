"""secretsmanager:secret - whether a secret rotates, which version is current, and whether another is on its way."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone
from edsr.ports import Clients, Observed

READER = Reader(
    resource="secretsmanager:secret",
    permissions=(Permission(actions=("secretsmanager:DescribeSecret",), on="catalogue:secretsmanager:secret"),),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{rotates, rotating, current?}`; a rotation that stopped half-way looks like one under way. Never a value.

    Raises Gone for a secret that was deleted or is about to be.
    """
    resource_of(arn, "secretsmanager", "secret:")
    with named(f"reading {arn}", target=True):
        secret = clients("secretsmanager").describe_secret(SecretId=arn)
    if "DeletedDate" in secret:
        raise Gone(f"{arn} is about to be deleted")
    stages = {stage: version for version, of in secret.get("VersionIdsToStages", {}).items() for stage in of}
    current, pending = stages.get("AWSCURRENT"), stages.get("AWSPENDING")
    state: dict[str, Any] = {
        "rotates": bool(secret.get("RotationEnabled")),
        "rotating": pending is not None and pending != current,
    }
    return Observed(state | ({"current": current} if current else {}))
