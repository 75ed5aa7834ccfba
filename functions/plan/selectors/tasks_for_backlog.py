"""tasks-for-backlog: as many tasks as a queue's backlog takes, when each may have so much of it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission
from edsr.errors import Refused
from edsr.policy import Library
from edsr.ports import Clients
from edsr.selecting import Selector


class Arguments(BaseModel):
    """Whose tasks, of which queue, and the bounds.

    What each task may have of the backlog is how long a message may wait, divided by how long handling one takes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    service: str = Field(title="Service", description="The ARN of the ECS service that reads the queue.")
    queue: str = Field(title="Queue", description="The ARN of the queue.")
    each: int = Field(ge=1, title="Each", description="So many waiting messages are acceptable for one task.")
    least: int = Field(default=1, ge=1, title="Least", description="Never fewer tasks.")
    most: int = Field(ge=1, le=5000, title="Most", description="Never more tasks.")
    by: int = Field(
        default=5,
        ge=1,
        title="By",
        description="Rounded up to a multiple: a plan still is the same soon after.",
    )


SELECTOR = Selector(
    id="tasks-for-backlog",
    title="The service, with as many tasks as the queue's backlog takes: `selected.tasks`",
    arguments=Arguments,
    permissions=(Permission(actions=("sqs:GetQueueAttributes", "sqs:GetQueueUrl"), on="catalogue:sqs:queue"),),
)
WAITING = "ApproximateNumberOfMessages"


def select(clients: Clients, _library: Library, args: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """`{service: {tasks}}`: the backlog over what each task may have of it, rounded up, within the bounds."""
    how = Arguments.model_validate(args)
    if how.least > how.most:
        raise Refused(f"at least {how.least} and at most {how.most} tasks cannot both be")
    name, queues = resource_of(how.queue, "sqs"), clients("sqs")
    with named(f"counting what waits in {name}", target=True):
        url = queues.get_queue_url(QueueName=name)["QueueUrl"]
        said = queues.get_queue_attributes(QueueUrl=url, AttributeNames=[WAITING])["Attributes"]
    wanted = _up(_up(int(said[WAITING]), how.each) // how.each, how.by)
    return {how.service: {"tasks": min(how.most, max(how.least, wanted))}}


def _up(number: int, to: int) -> int:
    """The next multiple."""
    return -(-number // to) * to
