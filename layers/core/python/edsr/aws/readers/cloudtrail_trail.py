"""cloudtrail:trail - whether a trail logs."""

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="cloudtrail:trail",
    permissions=(Permission(actions=("cloudtrail:GetTrailStatus",), on="catalogue:cloudtrail:trail"),),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{logging}`. Raises Gone for a trail that was deleted."""
    resource_of(arn, "cloudtrail", "trail/")
    with named(f"reading {arn}", target=True):
        return Observed({"logging": clients("cloudtrail").get_trail_status(Name=arn)["IsLogging"]})
