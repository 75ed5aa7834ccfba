"""scale-stream: give a Kinesis stream more shards, for a while."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from act.hands import Hands
from act.step import actuator
from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.aws.readers import kinesis_stream
from edsr.declare import Action, Permission
from edsr.errors import Refused
from edsr.ports import Clients

FACTOR = 2
"""UpdateShardCount takes at most twice the shards that are open, and no fewer than half."""


class Arguments(BaseModel):
    """How many."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    shards: int = Field(ge=1, le=10_000, title="Shards", description="So many shards, at most twice those there are.")


ACTION = Action(
    id="scale-stream",
    title="Give a Kinesis stream more shards",
    resource="kinesis:stream",
    arguments=Arguments,
    permissions=(Permission(actions=("kinesis:UpdateShardCount",), on="catalogue:kinesis:stream"),),
    klass="C",
    reversible=True,
    restores=False,
    customer_visible=False,
    reaches={"shards.$": "shards"},
    drift="The stream's shards differ from the template until the measure ends; deploying sets them back.",
    temporary=True,
)


def goal(args: dict[str, Any]) -> dict[str, Any]:
    """The part of the state that is to be reached."""
    return {"shards": Arguments.model_validate(args).shards}


def guard(_clients: Clients, target: str, state: dict[str, Any], args: dict[str, Any] | None) -> None:
    """Refuse where AWS counts, what would be fewer, and more than it takes at once."""
    if "shards" not in state:
        raise Refused(f"{target} is on demand: AWS counts its shards")
    if args is None:
        return
    if args["shards"] < state["shards"]:
        raise Refused(f"{target} has {state['shards']} shards already: {args['shards']} would be fewer")
    if args["shards"] > FACTOR * state["shards"]:
        raise Refused(f"{target} has {state['shards']} shards: {args['shards']} are more than twice as many")


def apply(clients: Clients, target: str, reach: dict[str, Any], _revision: str, _token: str) -> None:
    """Make the one mutating call, of which AWS takes ten a day; the shards are split one after the other."""
    resource_of(target, "kinesis", "stream/")
    client = clients("kinesis", mutating=True)
    with named(f"scaling {target}", target=True):
        client.update_shard_count(StreamARN=target, TargetShardCount=reach["shards"], ScalingType="UNIFORM_SCALING")


handler = actuator(ACTION, Hands(kinesis_stream.observe, goal, guard, apply))
