"""backlog-is-drained: no more messages wait in the queue than are acceptable."""

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
    """Which queue, how many may wait in it, and how many never."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    queue: str = Field(title="Queue", description="The ARN of the queue.")
    acceptable: int = Field(ge=0, title="Acceptable", description="So many messages may wait.")
    worst: int = Field(ge=1, title="Worst", description="With more than so many it got worse.")


PROBE = Probe(
    id="backlog-is-drained",
    title="No more messages wait in the queue than are acceptable",
    arguments=Arguments,
    permissions=(Permission(actions=("sqs:GetQueueAttributes", "sqs:GetQueueUrl"), on="catalogue:sqs:queue"),),
)
WAITING = "ApproximateNumberOfMessages"


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """As many as are acceptable, or fewer, is better; more than the worst is worse; what lies between may still go."""
    del since, now
    how = Arguments.model_validate(args)
    name, queues = resource_of(how.queue, "sqs"), clients("sqs")
    with named(f"counting what waits in {name}"):
        url = queues.get_queue_url(QueueName=name)["QueueUrl"]
        said = queues.get_queue_attributes(QueueUrl=url, AttributeNames=[WAITING])["Attributes"]
    waiting = int(said[WAITING])
    seen = f"{waiting} messages wait, {how.acceptable} may"
    if waiting <= how.acceptable:
        return Seen(Judged.BETTER, seen)
    return Seen(Judged.WORSE if waiting > how.worst else Judged.PENDING, seen)
