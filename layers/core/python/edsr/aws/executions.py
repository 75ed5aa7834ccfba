"""The executions of the remediation machine: one for each incident, named by it."""

import json

from edsr.aws.faults import named
from edsr.ports import Client


def start(states: Client, machine: str, incident_id: str) -> bool:
    """Start the incident's execution; False when there is one already, which is as good."""
    pointer = json.dumps({"inc": incident_id, "v": 1})
    with named("starting the execution"):
        try:
            states.start_execution(stateMachineArn=machine, name=incident_id, input=pointer)
        except states.exceptions.ExecutionAlreadyExists:
            return False
    return True


def status(states: Client, machine: str, incident_id: str) -> str | None:
    """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; None when the incident has no execution."""
    arn = machine.replace(":stateMachine:", ":execution:") + f":{incident_id}"
    with named("looking at the execution"):
        try:
            return str(states.describe_execution(executionArn=arn)["status"])
        except states.exceptions.ExecutionDoesNotExist:
            return None
