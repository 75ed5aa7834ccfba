"""dynamodb:table - what a table may read and write in a second, and who counts that."""

from typing import Any

from edsr.aws.arns import refuse_another, resource_of
from edsr.aws.faults import named
from edsr.aws.readers import ecs_service_cap
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="dynamodb:table",
    permissions=(
        Permission(actions=("dynamodb:DescribeTable",), on="catalogue:dynamodb:table"),
        *ecs_service_cap.READER.permissions,
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{read?, write?, scaled}`: units of provisioned capacity, left out where AWS bills by request, and whether
    autoscaling moves them. Raises Gone for a table that was deleted, Refused when the name is another's."""
    table = resource_of(arn, "dynamodb", "table/")
    with named(f"reading {arn}", target=True):
        said = clients("dynamodb").describe_table(TableName=table)["Table"]
    refuse_another(arn, said["TableArn"])
    mode = said.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    units = said.get("ProvisionedThroughput", {}) if mode == "PROVISIONED" else {}
    state: dict[str, Any] = {
        name: int(units[unit])
        for name, unit in (("read", "ReadCapacityUnits"), ("write", "WriteCapacityUnits"))
        if unit in units
    }
    with named(f"looking for who scales {arn}"):
        targets = clients("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="dynamodb", ResourceIds=[f"table/{table}"]
        )
    return Observed({**state, "scaled": bool(targets["ScalableTargets"])})
