"""states:run - whether a run of a state machine goes on or went well, and whether it can be taken up again."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="states:run",
    permissions=(Permission(actions=("states:DescribeExecution",), on="catalogue:states:run"),),
)
TRYING = ("RUNNING", "SUCCEEDED")


def observe(clients: Clients, arn: str) -> Observed:
    """`{trying, status, redriven, stuck?}`: how often it was redriven, and why it cannot be, where it cannot.

    Raises Gone for a run that is no longer known. What it was given and gave is not read.
    """
    resource_of(arn, "states", "execution:")
    with named(f"reading {arn}", target=True):
        said = clients("stepfunctions").describe_execution(executionArn=arn, includedData="METADATA_ONLY")
    state: dict[str, Any] = {
        "trying": said["status"] in TRYING,
        "status": said["status"],
        "redriven": said.get("redriveCount", 0),
    }
    if said.get("redriveStatus") != "REDRIVABLE":
        state["stuck"] = said.get("redriveStatusReason", "nobody says why")
    return Observed(state)
