"""shift-zone: keep a load balancer's traffic away from one zone, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import elasticloadbalancing_zones
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients

MOST = "24h"
"""The measure ends it before; should nobody be left who could, AWS itself does."""

LEFT = 2
"""So many zones have to be left: one alone is a single point of failure in the midst of an outage."""


class Arguments(BaseModel):
    """Which zone."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    zone: str = Field(
        pattern=r"^[a-z0-9]+-az\d+$",
        title="Zone",
        description="The zone's id, such as use1-az1; names like us-east-1a mean other zones in other accounts.",
    )


ACTION = Action(
    id="shift-zone",
    title="Keep a load balancer's traffic away from one zone",
    resource="elasticloadbalancing:loadbalancer",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("arc-zonal-shift:StartZonalShift", "arc-zonal-shift:CancelZonalShift"),
            on="catalogue:elasticloadbalancing:loadbalancer",
        ),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"away.$": "zone"},
    drift="None: a shift is part of no template.",
    temporary=True,
    view="elasticloadbalancing_zones",
    aws_only="Zonal shift",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached; when it ends is no part of it."""
    return {"away": Arguments.model_validate(args).zone}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse a zone that the balancer does not serve, and to leave too few: each has to bear the traffic of another."""
    if args is None:
        return
    if "away" in state:
        raise Refused(f"traffic of {target} is kept away from {state['away']} already: a second zone would be too many")
    if args["zone"] not in state["zones"]:
        raise Refused(f"{target} does not serve {args['zone']}: it serves {', '.join(state['zones'])}")
    if len(state["zones"]) - 1 < LEFT:
        raise Refused(f"{target} serves {len(state['zones'])} zones: {LEFT} have to be left")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call; to undo it is to cancel the shift that was seen."""
    client = clients("arc-zonal-shift", mutating=True)
    with named(f"shifting {target}", target=True):
        if reach["away"]:
            client.start_zonal_shift(
                resourceIdentifier=target, awayFrom=reach["away"], expiresIn=MOST, comment="edsr: shift-zone"
            )
        else:
            client.cancel_zonal_shift(zonalShiftId=revision)


handler = actuator(ACTION, Hands(elasticloadbalancing_zones.observe, goal, guard, apply))
