"""zone-is-left: the load balancer sends nothing into the zone, and something into every other."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which zone of which balancer."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    balancer: str = Field(title="Balancer", description="The ARN of the load balancer.")
    zone: str = Field(title="Zone", description="The zone's id, such as use1-az1.")


PROBE = Probe(
    id="zone-is-left",
    title="The load balancer sends nothing into the zone, and something into every other",
    arguments=Arguments,
    permissions=(
        Permission(actions=("arc-zonal-shift:GetManagedResource",), on="catalogue:elasticloadbalancing:loadbalancer"),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """No weight for the zone is better, any is worse; where another zone has none either, nobody can say."""
    del since, now
    how = Arguments.model_validate(args)
    with named(f"reading the zones of {how.balancer}"):
        weights = clients("arc-zonal-shift").get_managed_resource(resourceIdentifier=how.balancer)["appliedWeights"]
    said = ", ".join(f"{zone}: {weight:g}" for zone, weight in sorted(weights.items()))
    if weights.get(how.zone):
        return Seen(Judged.WORSE, said)
    others = [weight for zone, weight in weights.items() if zone != how.zone]
    return Seen(Judged.BETTER if how.zone in weights and others and all(others) else Judged.UNKNOWN, said)
