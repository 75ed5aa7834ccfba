"""run-succeeded: the run of a state machine went well in the end."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which run."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    run: str = Field(title="Run", description="The ARN of the execution.")


PROBE = Probe(
    id="run-succeeded",
    title="The run of the state machine succeeded",
    arguments=Arguments,
    permissions=(Permission(actions=("states:DescribeExecution",), on="catalogue:states:run"),),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Success is better, a run that goes on is pending, and all else worse."""
    del since, now
    run = Arguments.model_validate(args).run
    with named(f"reading {run}"):
        said = clients("stepfunctions").describe_execution(executionArn=run, includedData="METADATA_ONLY")
    seen = f"it is {said['status']}, redriven {said.get('redriveCount', 0)} times"
    if said["status"] == "RUNNING":
        return Seen(Judged.PENDING, seen)
    return Seen(Judged.BETTER if said["status"] == "SUCCEEDED" else Judged.WORSE, seen)
