"""flush-cache: throw paths out of a CloudFront distribution's caches."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import cloudfront_distribution
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """Which paths."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    paths: list[str] = Field(
        min_length=1,
        max_length=15,
        title="Paths",
        description="Such as /prices/*; the whole cache, /*, only by hand.",
    )


ACTION = Action(
    id="flush-cache",
    title="Throw paths out of a CloudFront distribution's caches",
    resource="cloudfront:distribution",
    arguments=Arguments,
    permissions=(Permission(actions=("cloudfront:CreateInvalidation",), on="catalogue:cloudfront:distribution"),),
    klass="A",
    reversible=False,
    restores=False,
    customer_visible=True,
    reaches={"flushing.$": "sort(paths)"},
    drift="None: no setting is changed.",
    token_seconds=3600,
    aws_only="CreateInvalidation, ListInvalidations and GetInvalidation",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"flushing": sorted(set(Arguments.model_validate(args).paths))}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what is no path, the whole cache, and to flush more while others are flushed: the origin bears it all."""
    paths = (args or {}).get("paths", [])
    if strange := [path for path in paths if not path.startswith("/") or path == "/*"]:
        raise Refused(f"{', '.join(strange)} of {target}: only paths are thrown out, never the whole cache")
    if "flushing" in state:
        raise Refused(f"{', '.join(state['flushing'])} of {target} are being thrown out already")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, token: str) -> None:
    """Make the one mutating call; CloudFront takes a reference that it knows for the invalidation that it is of."""
    paths = reach["flushing"]
    client = clients("cloudfront", mutating=True)
    with named(f"flushing {target}", target=True):
        client.create_invalidation(
            DistributionId=resource_of(target, "cloudfront", "distribution/"),
            InvalidationBatch={"Paths": {"Quantity": len(paths), "Items": paths}, "CallerReference": token},
        )


handler = actuator(ACTION, Hands(cloudfront_distribution.observe, goal, guard, apply))
