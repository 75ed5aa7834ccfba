"""scale-table: let a DynamoDB table read and write more in a second, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import dynamodb_table
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How much."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    read: int = Field(ge=1, le=40_000, title="Read", description="So many read units, at most AWS's usual 40,000.")
    write: int = Field(ge=1, le=40_000, title="Write", description="So many write units, at most AWS's usual 40,000.")


ACTION = Action(
    id="scale-table",
    title="Let a DynamoDB table read and write more in a second",
    resource="dynamodb:table",
    arguments=Arguments,
    permissions=(Permission(actions=("dynamodb:UpdateTable",), on="catalogue:dynamodb:table"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"read.$": "read", "write.$": "write"},
    drift="The table's capacity differs from the template until the measure ends; deploying sets it back.",
    temporary=True,
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    how = Arguments.model_validate(args)
    return {"read": how.read, "write": how.write}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse where another hand counts, and what would be less."""
    if state["scaled"]:
        raise Refused(f"autoscaling counts the capacity of {target}: raise its bounds instead")
    if "read" not in state:
        raise Refused(f"{target} is billed by request: it has no capacity to raise")
    for name in sorted(args or {}):
        if args and args[name] < state[name]:
            raise Refused(f"{target} may {name} {state[name]} units already: {args[name]} would be less")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call. It is lowered again when undone: AWS allows that four times a day, then hourly."""
    client = clients("dynamodb", mutating=True)
    with named(f"scaling {target}", target=True):
        client.update_table(
            TableName=resource_of(target, "dynamodb", "table/"),
            ProvisionedThroughput={"ReadCapacityUnits": reach["read"], "WriteCapacityUnits": reach["write"]},
        )


handler = actuator(ACTION, Hands(dynamodb_table.observe, goal, guard, apply))
