"""throttle-plan: let the keys of a usage plan make fewer requests, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import apigateway_usage_plan
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How many requests of each key."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rate: int = Field(ge=1, le=100_000, title="Rate", description="No more than so many requests of a key in a second.")
    burst: int = Field(ge=1, le=100_000, title="Burst", description="No more than so many requests of a key at once.")


ACTION = Action(
    id="throttle-plan",
    title="Let the keys of a usage plan make fewer requests",
    resource="apigateway:usage-plan",
    arguments=Arguments,
    permissions=(Permission(actions=("apigateway:PATCH",), on="catalogue:apigateway:usage-plan"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"rate.$": "to_string(rate)", "burst.$": "to_string(burst)"},
    drift="The plan's throttling differs from the template until the measure ends; deploying sets it back.",
    temporary=True,
    aws_only="GetUsagePlan and UpdateUsagePlan",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    how = Arguments.model_validate(args)
    return {"rate": str(how.rate), "burst": str(how.burst)}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what would let more through."""
    for name in sorted(args or {}):
        if args and args[name] > float(state.get(name, args[name])):
            raise Refused(f"{target} has a {name} of {state[name]} already: {args[name]} would let more through")


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call; a plan that had no limit has none again."""
    changes = [
        {"op": revision, "path": f"/throttle/{name}Limit", "value": limit} for name, limit in sorted(reach.items())
    ]
    if None in reach.values():
        changes = [{"op": "remove", "path": "/throttle"}]
    client = clients("apigateway", mutating=True)
    with named(f"throttling {target}", target=True):
        client.update_usage_plan(usagePlanId=apigateway_usage_plan.plan_of(target), patchOperations=changes)


handler = actuator(ACTION, Hands(apigateway_usage_plan.observe, goal, guard, apply))
