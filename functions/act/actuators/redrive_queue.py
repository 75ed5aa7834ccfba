"""redrive-queue: send what a dead-letter queue holds back to where it came from, so many a second."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.faults import named
from edsr.aws.readers import sqs_dead_letter_queue
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients


class Arguments(BaseModel):
    """How fast."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    most: int = Field(ge=1, le=500, title="Most", description="No more than so many messages a second, at most 500.")


ACTION = Action(
    id="redrive-queue",
    title="Send what a dead-letter queue holds back to where it came from, slowly",
    resource="sqs:dead-letter-queue",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=(
                "sqs:StartMessageMoveTask",
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
            ),
            on="catalogue:sqs:dead-letter-queue",
        ),
        Permission(actions=("sqs:SendMessage",), on="catalogue:sqs:queue"),
    ),
    klass="C",
    reversible=False,
    restores=False,
    customer_visible=True,
    reaches={"moving": True, "most.$": "most"},
    drift="None: messages are moved, no setting is changed.",
    aws_only="StartMessageMoveTask and ListMessageMoveTasks",
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"moving": True, "most": Arguments.model_validate(args).most}


def guard(_clients: Clients, target: str, state: dict[str, Any], _args: dict[str, Any] | None) -> None:
    """Refuse while messages are moved already: SQS runs one task a queue."""
    if state["moving"]:
        raise Refused(f"messages of {target} are being moved already, at another rate")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call; each message goes to the queue in which it died."""
    client = clients("sqs", mutating=True)
    with named(f"redriving {target}", target=True):
        client.start_message_move_task(SourceArn=target, MaxNumberOfMessagesPerSecond=reach["most"])


handler = actuator(ACTION, Hands(sqs_dead_letter_queue.observe, goal, guard, apply))
