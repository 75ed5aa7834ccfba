"""elasticloadbalancing:listener-rule - how a rule shares its requests among target groups, and which was last good."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Gone, Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="elasticloadbalancing:listener-rule",
    permissions=(
        Permission(
            actions=("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"),
            on="*",
            reason="Elastic Load Balancing lets nobody limit who describes to some rules",
        ),
    ),
)
TAG = "last-good"
WHOLE = 100
"""The weight of a group that gets every request."""


def observe(clients: Clients, arn: str) -> Observed:
    """`{weights: {target group: weight}, sticky, last_good?}`; `sticky` are the seconds for which clients keep to their
    group, 0 for not at all, and `last_good` the weights that give everything to the group which the rule's tag
    `last-good` names.

    Refused for a rule that does anything but forward: what else it does would have to be written anew with it.
    """
    resource_of(arn, "elasticloadbalancing", "listener-rule/")
    balancers = clients("elbv2")
    with named(f"reading {arn}", target=True):
        rules = balancers.describe_rules(RuleArns=[arn])["Rules"]
        tags = balancers.describe_tags(ResourceArns=[arn])["TagDescriptions"] if rules else []
    if not rules:
        raise Gone(f"there is no rule {arn}")
    forward = _forward(arn, rules[0])
    weights = {one["TargetGroupArn"]: int(one.get("Weight", 1)) for one in forward["TargetGroups"]}
    sticky = forward.get("TargetGroupStickinessConfig", {})
    state: dict[str, Any] = {
        "weights": weights,
        "sticky": int(sticky.get("DurationSeconds", 0)) if sticky.get("Enabled") else 0,
    }
    if last_good := _last_good(weights, tags):
        state["last_good"] = last_good
    return Observed(state)


def _forward(arn: str, rule: dict[str, Any]) -> dict[str, Any]:
    if rule.get("IsDefault"):
        raise Refused(f"{arn} is its listener's default: give the service a rule of its own")
    kinds = [action["Type"] for action in rule["Actions"]]
    if kinds != ["forward"]:
        raise Refused(f"{arn} does more than forward ({', '.join(kinds)}): a person has to change it")
    (action,) = rule["Actions"]
    found: dict[str, Any] = action.get("ForwardConfig") or {
        "TargetGroups": [{"TargetGroupArn": action["TargetGroupArn"]}]
    }
    return found


def _last_good(weights: dict[str, int], tags: list[dict[str, Any]]) -> dict[str, int]:
    name = next((tag["Value"] for one in tags for tag in one["Tags"] if tag["Key"] == TAG), "")
    good = [group for group in weights if group.split("/")[1:2] == [name]]
    return {group: WHOLE if group in good else 0 for group in weights} if len(good) == 1 else {}
