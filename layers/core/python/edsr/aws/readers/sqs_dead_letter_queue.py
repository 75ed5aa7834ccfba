"""sqs:dead-letter-queue - whether what a dead-letter queue holds is on its way back."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

READER = Reader(
    resource="sqs:dead-letter-queue",
    permissions=(Permission(actions=("sqs:ListMessageMoveTasks",), on="catalogue:sqs:dead-letter-queue"),),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{moving, most?, started?}` of the newest task that moves messages out of the queue; `started` tells a task that
    ended at once from none."""
    resource_of(arn, "sqs")
    with named(f"looking at what leaves {arn}", target=True):
        tasks = clients("sqs").list_message_move_tasks(SourceArn=arn, MaxResults=1)["Results"]
    newest = tasks[0] if tasks else {}
    moving = newest.get("Status") == "RUNNING"
    state: dict[str, Any] = {"moving": moving}
    if moving and "MaxNumberOfMessagesPerSecond" in newest:
        state["most"] = newest["MaxNumberOfMessagesPerSecond"]
    if newest:
        state["started"] = int(newest["StartedTimestamp"])
    return Observed(state)
