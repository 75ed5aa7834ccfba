"""revoke-ingress: take exactly the rules out of a security group that let the whole world in."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ec2_security_group
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients

WORLD = ("0.0.0.0/0", "::/0")  # nosec B104 - what is looked for, not what is bound to


class Arguments(BaseModel):
    """Which rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    rules: list[str] = Field(min_length=1, title="Rules", description="The ids of the rules, sgr-...")


ACTION = Action(
    id="revoke-ingress",
    title="Take rules that let the whole world in out of a security group",
    resource="ec2:security-group",
    arguments=Arguments,
    permissions=(Permission(actions=("ec2:RevokeSecurityGroupIngress",), on="catalogue:ec2:security-group"),),
    klass="C",
    reversible=True,
    restores=True,
    customer_visible=True,
    drift="None, unless the template has the rule: then deploying it opens the group again.",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached: rules that are not there. What they were stands in the record."""
    return dict.fromkeys(Arguments.model_validate(args).rules)


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse to take out what is not a door to the whole world, whoever named it."""
    for name in (args or {}).get("rules", []):
        rule = state.get(name)
        if rule and (rule.get("IsEgress") or not {rule.get("CidrIpv4"), rule.get("CidrIpv6")} & set(WORLD)):
            raise Refused(f"{name} of {target} does not let the whole world in: {rule}")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call, all rules or none."""
    client = clients("ec2", mutating=True)
    with named(f"closing {target}", target=True):
        client.revoke_security_group_ingress(
            GroupId=resource_of(target, "ec2", "security-group/"), SecurityGroupRuleIds=sorted(reach)
        )


handler = actuator(ACTION, Hands(ec2_security_group.observe, goal, guard, apply))
