"""The executions of the remediation machine: one for each incident, named by it."""

import json

from edsr.aws.faults import named
from edsr.ports import Client


def start(states: Client, machine: str, incident_id: str, name: str | None = None) -> bool:
    """Start the incident's execution, or another of its runs by `name`; False when there is one, which is as good."""
    pointer = json.dumps({"inc": incident_id, "v": 1})
    with named("starting the execution"):
        try:
            states.start_execution(stateMachineArn=machine, name=name or incident_id, input=pointer)
        except states.exceptions.ExecutionAlreadyExists:
            return False
    return True


def status(states: Client, machine: str, name: str) -> str | None:
    """RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED; None when there is no execution of that name."""
    arn = machine.replace(":stateMachine:", ":execution:") + f":{name}"
    with named("looking at the execution"):
        try:
            return str(states.describe_execution(executionArn=arn)["status"])
        except states.exceptions.ExecutionDoesNotExist:
            return None
