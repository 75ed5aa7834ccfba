"""shift-target-weights: give a listener rule's requests back to the target group that was last good."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import elasticloadbalancing_listener_rule
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients

Weight = Annotated[int, Field(ge=0, le=999)]


class Arguments(BaseModel):
    """Who gets how much."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    weights: dict[str, Weight] = Field(
        min_length=1, title="Weights", description="The weight of each target group of the rule, by its ARN."
    )


ACTION = Action(
    id="shift-target-weights",
    title="Give a listener rule's requests back to the target group that was last good",
    resource="elasticloadbalancing:listener-rule",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("elasticloadbalancing:ModifyRule",),
            on="catalogue:elasticloadbalancing:listener-rule",
        ),
        Permission(
            actions=("elasticloadbalancing:DescribeTargetHealth",),
            on="*",
            reason="Elastic Load Balancing lets nobody limit who describes to some target groups",
        ),
    ),
    klass="C",
    reversible=True,
    restores=True,
    customer_visible=True,
    reaches={"weights.$": "weights", "sticky": 0},
    drift="The rule's weights differ from the template until the next release; deploying it shifts them back.",
    yields_to=("codedeploy",),
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached. Nobody is kept in a group that they were sent to before."""
    return {"weights": Arguments.model_validate(args).weights, "sticky": 0}


def guard(clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse to send requests where they would not be answered, and to groups that the rule does not forward to."""
    if args is None:
        return
    weights: dict[str, int] = args["weights"]
    if set(weights) != set(state["weights"]):
        forwards, wanted = ", ".join(sorted(state["weights"])), ", ".join(sorted(weights))
        raise Refused(f"{target} forwards to {forwards}, not to {wanted}")
    serving = [group for group, weight in sorted(weights.items()) if weight]
    if not serving:
        raise Refused(f"no group of {target} would get a request")
    for group in serving:
        _refuse_unwell(clients, group)


def _refuse_unwell(clients: Clients, group: str) -> None:
    with named(f"looking at the targets of {group}"):
        found = clients("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    well = sum(one["TargetHealth"]["State"] == "healthy" for one in found)
    if not well or 2 * well < len(found):
        raise Refused(f"{well} of {len(found)} targets of {group} are healthy: it cannot take the requests")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; the rule's conditions and its priority stay as they are."""
    groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in sorted(reach["weights"].items())]
    kept = {"DurationSeconds": reach["sticky"]} if reach["sticky"] else {}
    forward = {"TargetGroups": groups, "TargetGroupStickinessConfig": {"Enabled": bool(kept), **kept}}
    client = clients("elbv2", mutating=True)
    with named(f"shifting the weights of {target}", target=True):
        client.modify_rule(RuleArn=target, Actions=[{"Type": "forward", "ForwardConfig": forward}])


handler = actuator(ACTION, Hands(elasticloadbalancing_listener_rule.observe, goal, guard, apply))
