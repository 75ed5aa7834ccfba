"""instance-is-isolated: every interface of the instance is behind one security group, and that has no rule."""

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
    """Which instance, behind which group."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    instance: str = Field(title="Instance", description="The ARN of the instance.")
    group: str = Field(title="Group", description="The id of the security group, sg-....")


PROBE = Probe(
    id="instance-is-isolated",
    title="Every interface of the instance is behind one security group, and that has no rule",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules"),
            on="*",
            reason="EC2 lets nobody limit who describes to some interfaces, or to the rules of some groups",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Isolated is better; another group, or a rule, is worse; of an instance without interfaces nobody can say."""
    del since, now
    how, client = Arguments.model_validate(args), clients("ec2")
    instance = resource_of(how.instance, "ec2", "instance/")
    with named(f"reading the interfaces of {how.instance}"):
        interfaces = client.describe_network_interfaces(
            Filters=[{"Name": "attachment.instance-id", "Values": [instance]}]
        )["NetworkInterfaces"]
        rules = client.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [how.group]}])
    if not interfaces:
        return Seen(Judged.UNKNOWN, f"{instance} has no interface: it may be terminated")
    groups = sorted({group["GroupId"] for one in interfaces for group in one["Groups"]})
    if groups != [how.group]:
        return Seen(Judged.WORSE, f"{instance} is behind {', '.join(groups)}")
    if rules["SecurityGroupRules"]:
        return Seen(Judged.WORSE, f"{how.group} has {len(rules['SecurityGroupRules'])} rules")
    return Seen(Judged.BETTER, f"{instance} is behind {how.group} alone, which lets nothing through")
