"""throttle-api: let fewer requests through a stage of a REST API, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import apigateway_stage
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How many requests."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rate: int = Field(ge=1, le=100_000, title="Rate", description="No more than so many requests in a second.")
    burst: int = Field(ge=1, le=100_000, title="Burst", description="No more than so many requests at once.")


ACTION = Action(
    id="throttle-api",
    title="Let fewer requests through a stage of a REST API",
    resource="apigateway:stage",
    arguments=Arguments,
    permissions=(Permission(actions=("apigateway:PATCH",), on="catalogue:apigateway:stage"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"rate.$": "to_string(rate)", "burst.$": "to_string(burst)"},
    drift="The stage's throttling differs from the template until the measure ends; deploying sets it back.",
    temporary=True,
    aws_only="GetStage and UpdateStage of API Gateway",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    how = Arguments.model_validate(args)
    return {"rate": str(how.rate), "burst": str(how.burst)}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what would let more through, and where the stage's limit would not hold."""
    if args is None:
        return
    if state["apart"]:
        raise Refused(f"{', '.join(state['apart'])} of {target} have limits of their own: the stage's would not hold")
    for name in ("rate", "burst"):
        if args[name] > float(state.get(name, args[name])):
            raise Refused(f"{target} has a {name} of {state[name]} already: {args[name]} would let more through")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call, both limits or none; -1 leaves it to the account's own limit again."""
    api, stage = apigateway_stage.names(target)
    changes = [
        {"op": "replace", "path": f"/{apigateway_stage.EVERY}/throttling/{name}Limit", "value": limit or "-1"}
        for name, limit in sorted(reach.items())
    ]
    client = clients("apigateway", mutating=True)
    with named(f"throttling {target}", target=True):
        client.update_stage(restApiId=api, stageName=stage, patchOperations=changes)


handler = actuator(ACTION, Hands(apigateway_stage.observe, goal, guard, apply))
