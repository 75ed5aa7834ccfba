"""ec2:security-group - every rule of a group, whole: what is taken out is kept as evidence."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.errors import Refused
from edsr.ports import Clients, Observed

READER = Reader(
    resource="ec2:security-group",
    permissions=(
        Permission(
            actions=("ec2:DescribeSecurityGroupRules",),
            on="*",
            reason="EC2 lets nobody limit who describes to the rules of some groups",
        ),
    ),
)
KEPT = ("IsEgress", "IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "PrefixListId", "Description")


def observe(clients: Clients, arn: str) -> Observed:
    """`{rule's id: {protocol, ports, addresses, ...}}`, as EC2 spells them. A group that is gone has no rules."""
    group = resource_of(arn, "ec2", "security-group/")
    pages = clients("ec2").get_paginator("describe_security_group_rules")
    with named(f"reading the rules of {group}", target=True):
        asked = [{"Name": "group-id", "Values": [group]}]
        rules = [rule for page in pages.paginate(Filters=asked) for rule in page["SecurityGroupRules"]]
    account = arn.split(":")[4]
    if any(rule.get("GroupOwnerId", account) != account for rule in rules):
        raise Refused(f"{arn} is out of reach: what has its id here is another account's")
    return Observed({rule["SecurityGroupRuleId"]: _kept(rule) for rule in rules})


def _kept(rule: dict[str, Any]) -> dict[str, Any]:
    """The rule, with the group it lets in where it names one."""
    said = {name: rule[name] for name in KEPT if name in rule}
    other = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    return said | ({"GroupId": other} if other else {})
