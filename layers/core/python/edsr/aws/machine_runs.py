"""Executions of a user's own state machine that the suite began: they are named after the token of their step."""

from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.errors import Refused
from edsr.ports import Client

PREFIX = "edsr-"
MOST = 100
"""So many of a machine's latest executions are looked at: others may start it, too."""


def name_of(token: str) -> str:
    """What the execution of a step is called; Step Functions keeps a name for ninety days."""
    return f"{PREFIX}{token}"


def executions(states: Client, machine: str, status: str = "") -> list[dict[str, Any]]:
    """Those that the suite began, the newest first; of this status, when one is given."""
    if resource_of(machine, "states", "stateMachine:").startswith(PREFIX):
        raise Refused(f"{machine} is the suite's own")
    only = {"statusFilter": status} if status else {}
    with named(f"reading the executions of {machine}", target=True):
        found = states.list_executions(stateMachineArn=machine, maxResults=MOST, **only)["executions"]
    return [one for one in found if one["name"].startswith(PREFIX)]


def input_of(states: Client, execution: str) -> str:
    """The input that an execution was started with, as text."""
    with named(f"reading {execution}", target=True):
        return str(states.describe_execution(executionArn=execution)["input"])


def stop(states: Client, execution: str, why: str) -> None:
    """Ask an execution to stop; one that is over has stopped."""
    with named(f"stopping {execution}"):
        try:
            states.stop_execution(executionArn=execution, error="Stopped", cause=why)
        except states.exceptions.ExecutionDoesNotExist:
            return
