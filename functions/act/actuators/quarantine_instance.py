"""quarantine-instance: put an instance behind a security group that lets nothing in and nothing out."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ec2_instance
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """Behind which group."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    group: str = Field(
        pattern=r"^sg-[0-9a-f]+$", title="Group", description="The id of a security group without any rule, sg-...."
    )


ACTION = Action(
    id="quarantine-instance",
    title="Put an instance behind a security group that lets nothing through",
    resource="ec2:instance",
    arguments=Arguments,
    permissions=(
        Permission(actions=("ec2:ModifyInstanceAttribute",), on="catalogue:ec2:instance"),
        Permission(actions=("ec2:ModifyInstanceAttribute",), on="catalogue:ec2:quarantine-group"),
        Permission(actions=("ec2:ModifyInstanceAttribute",), on="catalogue:ec2:security-group"),
        Permission(
            actions=("ec2:DescribeSecurityGroupRules",),
            on="*",
            reason="EC2 lets nobody limit who describes to the rules of some groups",
        ),
    ),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=True,
    reaches={"groups.$": "[group]"},
    drift="The instance is behind another security group than its template says.",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"groups": [Arguments.model_validate(args).group]}


def guard(clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse what would isolate nothing, or lose the evidence: a group that lets something through, an instance with
    another interface, and one whose Auto Scaling group would replace and terminate it."""
    if args is None:
        return
    if state["interfaces"] > 1:
        raise Refused(f"{target} has {state['interfaces']} interfaces: each has to be isolated by itself")
    group = ec2_instance.tags(ec2_instance.found(clients, target)).get(ec2_instance.GROUP)
    if group:
        raise Refused(f"{target} is in the Auto Scaling group {group}, which would terminate it: replace it first")
    pages = clients("ec2").get_paginator("describe_security_group_rules")
    with named(f"reading the rules of {args['group']}"):
        asked = [{"Name": "group-id", "Values": [args["group"]]}]
        rules = [rule["SecurityGroupRuleId"] for page in pages.paginate(Filters=asked) for rule in page[RULES]]
    if rules:
        raise Refused(f"{args['group']} lets something through ({', '.join(sorted(rules)[:3])}): it isolates nothing")


RULES = "SecurityGroupRules"


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call. Connections that are tracked may go on until they are silent for some minutes."""
    client = clients("ec2", mutating=True)
    with named(f"putting {target} behind {', '.join(reach['groups'])}", target=True):
        client.modify_instance_attribute(
            InstanceId=resource_of(target, "ec2", "instance/"), Groups=list(reach["groups"])
        )


handler = actuator(ACTION, Hands(ec2_instance.observe, goal, guard, apply))
