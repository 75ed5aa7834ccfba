"""cloudfront:distribution - what is being thrown out of a distribution's caches."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="cloudfront:distribution",
    permissions=(
        Permission(
            actions=("cloudfront:ListInvalidations", "cloudfront:GetInvalidation"),
            on="catalogue:cloudfront:distribution",
        ),
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{flushing?, newest?}`: the paths of the newest invalidation while it is under way, and its id. Raises Gone."""
    distribution = resource_of(arn, "cloudfront", "distribution/")
    client = clients("cloudfront")
    with named(f"looking at what leaves the caches of {distribution}", target=True):
        listed = client.list_invalidations(DistributionId=distribution, MaxItems="1")["InvalidationList"]
        newest = next(iter(listed.get("Items", [])), None)
        if newest is None:
            return Observed({})
        said = client.get_invalidation(DistributionId=distribution, Id=newest["Id"])["Invalidation"]
    state: dict[str, Any] = {"newest": newest["Id"]}
    if said["Status"] != "Completed":
        state["flushing"] = sorted(said["InvalidationBatch"]["Paths"].get("Items", []))
    return Observed(state)
