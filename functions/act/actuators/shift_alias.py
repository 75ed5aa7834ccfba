"""shift-alias: point a Lambda alias at one version, all of its traffic, and clear its canary weights."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import lambda_alias
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Client, Clients

CODEDEPLOY_LIVE = ["Created", "Queued", "InProgress", "Baking", "Ready"]


class Arguments(BaseModel):
    """Where the alias is to point."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    to: str = Field(pattern=r"^\d+$", title="To", description="A published version's number.")


ACTION = Action(
    id="shift-alias",
    title="Point a Lambda alias at one version and clear its canary weights",
    resource="lambda:alias",
    arguments=Arguments,
    permissions=(
        Permission(actions=("lambda:UpdateAlias",), on="catalogue:lambda:alias"),
        Permission(
            actions=("codedeploy:ListDeployments",),
            on="*",
            reason="ListDeployments names no application when all that is live is asked for, so there is no group",
        ),
    ),
    klass="B",
    reversible=True,
    restores=True,
    customer_visible=False,
    reaches={"version.$": "to", "weights": {}},
    drift="The alias differs from the template until the next release; deploying the template moves it back.",
    yields_to=("codedeploy",),
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"version": Arguments.model_validate(args).to, "weights": {}}


def guard(clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse while CodeDeploy is shifting this account's aliases by weight: two hands must not share one alias."""
    if not state["weights"]:
        return
    with named("looking for live CodeDeploy deployments"):
        answer = clients("codedeploy").list_deployments(includeOnlyStatuses=CODEDEPLOY_LIVE)
    if answer["deployments"]:
        live = ", ".join(sorted(answer["deployments"])[:3])
        raise Refused(
            f"{target} has canary weights while CodeDeploy is deploying ({live}): stop the deployment instead"
        )


def apply(clients: Clients, target: str, reach: dict[str, Any], revision: str, _token: str) -> None:
    """Make the one mutating call, conditional on the revision that was observed; Refused when that is a stale one."""
    function, alias = lambda_alias.names(target)
    weights = {version: share / 1000 for version, share in reach["weights"].items()}
    client: Client = clients("lambda", mutating=True)
    with named(f"shifting alias {alias} of {function}", target=True):
        try:
            client.update_alias(
                FunctionName=function,
                Name=alias,
                FunctionVersion=reach["version"],
                RoutingConfig={"AdditionalVersionWeights": weights},
                RevisionId=revision,
            )
        except client.exceptions.PreconditionFailedException as exc:
            raise Refused(f"{target} was changed by somebody else after it was looked at") from exc


handler = actuator(ACTION, Hands(lambda_alias.observe, goal, guard, apply))
