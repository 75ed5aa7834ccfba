"""execution-succeeded: what the suite last began of a state machine ended since the step, and succeeded."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.machine_runs import executions
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which state machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    machine: str = Field(title="Machine", description="The ARN of the state machine.")


PROBE = Probe(
    id="execution-succeeded",
    title="The state machine's newest execution for the suite ended since the step, and succeeded",
    arguments=Arguments,
    permissions=(Permission(actions=("states:ListExecutions",), on="catalogue:states:runnable-machine"),),
)
SLACK = timedelta(minutes=1)
"""An execution may be over before the step that started it is."""


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Success is better, a failure worse; of one that was stopped nobody knows how far it came."""
    del now
    found = executions(clients("stepfunctions"), Arguments.model_validate(args).machine)
    if not found:
        return Seen(Judged.PENDING, "it was never run")
    newest = found[0]
    status, ended = newest["status"], newest.get("stopDate")
    said = f"{newest['name']} is {status}"
    if ended is None or ended < since - SLACK:
        return Seen(Judged.PENDING, said)
    if status == "ABORTED":
        return Seen(Judged.UNKNOWN, f"{said}: nobody knows how far it came")
    return Seen(Judged.BETTER if status == "SUCCEEDED" else Judged.WORSE, said)
