"""The state machine's tasks that wait for a person: their answer is sent to the task's token."""

import json

from edsr.aws.faults import named
from edsr.ports import Client
from edsr.protocol.approval import Answer, Asking

_FAILURES = {Answer.REJECTED: "Refused", Answer.EXPIRED: "Expired", Answer.RECOVERED: "Refused"}
"""A no is a guard's no, and ends it, as does what is over; a silence is a person's to look at."""

_CAUSES = {Answer.EXPIRED: "nobody answered in time", Answer.RECOVERED: "it recovered by itself"}


def deliver(states: Client, asking: Asking) -> None:
    """Send an answer to the task that waits; one that waits no more needs none. Raises Transient, Denied."""
    with named("telling the task its answer"):
        try:
            _send(states, asking)
        except (states.exceptions.TaskDoesNotExist, states.exceptions.TaskTimedOut, states.exceptions.InvalidToken):
            return


def _send(states: Client, asking: Asking) -> None:
    error = _FAILURES.get(asking.st)
    if error is None:
        said = json.dumps({"digest": asking.digest, "by": sorted(asking.approvers)})
        states.send_task_success(taskToken=asking.task_token, output=said)
        return
    cause = _CAUSES.get(asking.st) or f"rejected by {asking.rejected_by}"
    states.send_task_failure(taskToken=asking.task_token, error=error, cause=cause)
