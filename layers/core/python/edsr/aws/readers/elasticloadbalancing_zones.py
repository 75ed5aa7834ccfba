"""elasticloadbalancing:loadbalancer - from which zone a balancer's traffic is shifted away."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="elasticloadbalancing:loadbalancer",
    permissions=(
        Permission(actions=("arc-zonal-shift:GetManagedResource",), on="catalogue:elasticloadbalancing:loadbalancer"),
    ),
)
APPLIED = "APPLIED"


def observe(clients: Clients, arn: str) -> Observed:
    """`{zones, away?}`, and the id of the shift that is applied: the zones that there are, by their ids, and the one
    that traffic is kept away from by a shift of our kind.

    Refused while AWS itself shifts traffic, by an autoshift, a practice run or an experiment. Raises Gone for a
    balancer that was deleted, or is not enabled for shifts.
    """
    resource_of(arn, "elasticloadbalancing", "loadbalancer/")
    with named(f"reading the zones of {arn}", target=True):
        found = clients("arc-zonal-shift").get_managed_resource(resourceIdentifier=arn)
    shifts = [one for one in found["zonalShifts"] if one["appliedStatus"] == APPLIED]
    others = [one for one in shifts if one.get("shiftType", "ZONAL_SHIFT") != "ZONAL_SHIFT"]
    others += [one for one in found.get("autoshifts", []) if one["appliedStatus"] == APPLIED]
    if others:
        raise Refused(f"AWS itself shifts the traffic of {arn} away from {others[0]['awayFrom']}")
    state: dict[str, Any] = {"zones": sorted(found["appliedWeights"])}
    if shifts:
        return Observed(state | {"away": shifts[0]["awayFrom"]}, shifts[0]["zonalShiftId"])
    return Observed(state)
