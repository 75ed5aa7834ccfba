"""states:runnable-machine - with which inputs a user's own state machine runs just now for the suite."""

from edsr.aws.machine_runs import executions, input_of
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="states:runnable-machine",
    permissions=(
        Permission(actions=("states:ListExecutions",), on="catalogue:states:runnable-machine"),
        Permission(actions=("states:DescribeExecution",), on="catalogue:states:execution"),
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{running}`, the input of each execution of ours that runs, as text, the newest first; and the newest's ARN."""
    states = clients("stepfunctions")
    arns = [one["executionArn"] for one in executions(states, arn, "RUNNING")]
    return Observed({"running": [input_of(states, one) for one in arns]}, arns[0] if arns else "")
