"""automation-succeeded: the automation's newest execution, which ended since the step, succeeded."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.automations import executions
from edsr.aws.readers.ssm_automation import WHY
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.ports import Clients
from verify.seen import Seen


class Arguments(BaseModel):
    """Which automation."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    automation: str = Field(title="Automation", description="The ARN of the automation's definition, with its version.")


PROBE = Probe(
    id="automation-succeeded",
    title="The automation's newest execution ended since the step, and succeeded",
    arguments=Arguments,
    permissions=(Permission(actions=("ssm:DescribeAutomationExecutions",), on="*", reason=WHY),),
)
SLACK = timedelta(minutes=1)
"""An execution may be over before the step that started it is."""
WELL, STOPPED = ("Success", "CompletedWithSuccess"), ("Cancelling", "Cancelled", "Exited")


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Success is better, a failure worse; of one that was stopped nobody knows how far it came."""
    del now
    found = executions(clients("ssm"), Arguments.model_validate(args).automation)
    if not found:
        return Seen(Judged.PENDING, "it was never run")
    newest = found[0]
    status, ended = newest["AutomationExecutionStatus"], newest.get("ExecutionEndTime")
    said = f"{newest['AutomationExecutionId']} is {status}"
    if ended is None or ended < since - SLACK:
        return Seen(Judged.PENDING, said)
    if status in STOPPED:
        return Seen(Judged.UNKNOWN, f"{said}: nobody knows how far it came")
    return Seen(Judged.BETTER if status in WELL else Judged.WORSE, said)
