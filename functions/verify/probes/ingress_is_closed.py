"""ingress-is-closed: the rules are gone from the security group, and no other lets the whole world in there."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which rules of which group."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    group: str = Field(title="Group", description="The ARN of the security group.")
    rules: list[str] = Field(min_length=1, title="Rules", description="The ids of the rules that must be gone.")


PROBE = Probe(
    id="ingress-is-closed",
    title="The rules are gone from the security group, and no other lets the whole world in there",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("ec2:DescribeSecurityGroupRules",),
            on="*",
            reason="EC2 lets nobody limit who describes to the rules of some groups",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Better when none of the rules stands and none was made again; a rule that lets the whole world in is worse."""
    del since, now
    how = Arguments.model_validate(args)
    group = resource_of(how.group, "ec2", "security-group/")
    pages = clients("ec2").get_paginator("describe_security_group_rules")
    with named(f"reading the rules of {group}"):
        asked = [{"Name": "group-id", "Values": [group]}]
        rules = [rule for page in pages.paginate(Filters=asked) for rule in page["SecurityGroupRules"]]
    left = sorted(str(rule["SecurityGroupRuleId"]) for rule in rules if rule["SecurityGroupRuleId"] in how.rules)
    if left:
        return Seen(Judged.WORSE, f"{', '.join(left)} still stand")
    again = sorted(str(rule["SecurityGroupRuleId"]) for rule in rules if _open(rule))
    if again:
        return Seen(Judged.UNKNOWN, f"they are gone, but {', '.join(again)} let the whole world in")
    return Seen(Judged.BETTER, "they are gone")


def _open(rule: dict[str, Any]) -> bool:
    return not rule["IsEgress"] and (rule.get("CidrIpv4") == "0.0.0.0/0" or rule.get("CidrIpv6") == "::/0")  # nosec B104
