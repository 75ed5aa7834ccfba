"""ssm:automation - with which parameters an automation runs just now, whoever started it."""

from edsr.aws.automations import LIVE, executions
from edsr.aws.faults import named
from edsr.declare import Permission, Reader
from edsr.ports import Clients, Observed

WHY = "Executions have ids that nobody knows beforehand, and listing them knows no resources; it changes nothing"
READER = Reader(
    resource="ssm:automation",
    permissions=(
        Permission(actions=("ssm:DescribeAutomationExecutions", "ssm:GetAutomationExecution"), on="*", reason=WHY),
    ),
)


def observe(clients: Clients, arn: str) -> Observed:
    """`{running}`, the parameters of each execution that lives, the newest first; and the id of the newest."""
    ssm = clients("ssm")
    ids = [one["AutomationExecutionId"] for one in executions(ssm, arn, *LIVE)]
    with named(f"reading the executions of {arn}", target=True):
        found = [ssm.get_automation_execution(AutomationExecutionId=one)["AutomationExecution"] for one in ids]
    return Observed({"running": [one.get("Parameters", {}) for one in found]}, ids[0] if ids else "")
