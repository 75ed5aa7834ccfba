"""tagged-nonproduction: what carries some tags and belongs to a service that is not for production."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission
from edsr.errors import Refused
from edsr.policy import Library
from edsr.ports import Clients
from edsr.production import is_production
from edsr.selecting import Selector

GROUPS = "autoscaling:nonproduction-group"
TYPES = {"ec2:nonproduction-instance": "ec2:instance", "rds:nonproduction-db": "rds:db"}
"""What the search over all services finds, by AWS's own word for it; groups it does not find."""


class Arguments(BaseModel):
    """Of which kind, with which tags, in which environments."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: str = Field(title="Kind", description=f"One of {', '.join((*TYPES, GROUPS))}.")
    tags: dict[str, str] = Field(min_length=1, title="Tags", description="All of these tags.")
    environments: list[str] = Field(
        min_length=1, title="Environments", description="Of services in one of these environments, never production."
    )


SELECTOR = Selector(
    id="tagged-nonproduction",
    title="What carries the tags and belongs to a catalogued service of an environment that is not production",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("tag:GetResources", "autoscaling:DescribeAutoScalingGroups"),
            on="*",
            reason="AWS lets nobody limit who searches by tags to some of them",
        ),
    ),
)


def select(clients: Clients, library: Library, args: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`{ARN: {}}` of what both AWS's tags and the catalogue say; Refused for an environment that is production."""
    how = Arguments.model_validate(args)
    if strange := [name for name in how.environments if is_production(name)]:
        raise Refused(f"{', '.join(strange)} is production: nothing of it is stopped by its tags")
    if how.kind not in (*TYPES, GROUPS):
        raise Refused(f"there is no {how.kind} among what is found by its tags: {', '.join((*TYPES, GROUPS))}")
    with named(f"looking for {how.kind} with their tags"):
        tagged = set(_groups(clients, how.tags) if how.kind == GROUPS else _others(clients, TYPES[how.kind], how.tags))
    spare = [service for service in library.services() if service.environment in how.environments]
    return {one.arn: {} for service in spare for one in service.resources if one.arn in tagged and one.kind == how.kind}


def _others(clients: Clients, kind: str, tags: dict[str, str]) -> list[str]:
    wanted = [{"Key": key, "Values": [value]} for key, value in sorted(tags.items())]
    pages = clients("resourcegroupstaggingapi").get_paginator("get_resources")
    found = pages.paginate(TagFilters=wanted, ResourceTypeFilters=[kind])
    return [one["ResourceARN"] for page in found for one in page["ResourceTagMappingList"]]


def _groups(clients: Clients, tags: dict[str, str]) -> list[str]:
    wanted = [{"Name": f"tag:{key}", "Values": [value]} for key, value in sorted(tags.items())]
    found = clients("autoscaling").get_paginator("describe_auto_scaling_groups").paginate(Filters=wanted)
    return [one["AutoScalingGroupARN"] for page in found for one in page["AutoScalingGroups"]]
