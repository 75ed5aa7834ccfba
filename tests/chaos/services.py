"""Step Functions as our functions call it, and the queue that hands findings to decide."""

import json
from typing import Any

from tests.chaos.branches import Failure, Host, Result
from tests.chaos.errors import error
from tests.chaos.machine import FAILED, RUNNING, Execution
from tests.chaos.schedule import Schedule

MINUTE = 60
RECEIVES = 5
HIDDEN = 6
"""A message that was received comes again after so many times its reader's timeout."""


class States:
    """Starts executions: a name is taken for good; the same name with the same input, while it runs, is no error."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.definition = definition
        self.executions: dict[str, Execution] = {}
        self.inputs: dict[str, str] = {}
        self.host: Host | None = None

    def start_execution(self, *, name: str, input: str, **_: Any) -> dict[str, Any]:  # noqa: A002 - AWS's name
        """Start, or say that it was."""
        there = self.executions.get(name)
        if there:
            if there.status == RUNNING and self.inputs[name] == input:
                return {"executionArn": name}
            raise error("ExecutionAlreadyExists", f"Execution Already Exists: {name}")
        assert self.host is not None
        made = self.executions[name] = Execution(self.definition, name, json.loads(input), self.host)
        self.inputs[name] = input
        made.start()
        return {"executionArn": name}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """How an execution stands."""
        name = executionArn.rsplit(":", 1)[-1]
        if name not in self.executions:
            raise error("ExecutionDoesNotExist", f"Execution Does Not Exist: {name}")
        said: dict[str, Any] = {"executionArn": name, "name": name, "status": self.executions[name].status}
        return said | {"input": self.inputs[name]}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:  # noqa: N803
        """Answer a task that waits."""
        self._waiting(taskToken)(Result(json.loads(output)))
        return {}

    def send_task_failure(self, *, taskToken: str, error: str = FAILED, cause: str = "") -> dict[str, Any]:  # noqa: N803
        """Fail a task that waits."""
        self._waiting(taskToken)(Failure(error, cause))
        return {}

    def _waiting(self, token: str) -> Any:
        execution = self.executions.get(token.split("/")[0])
        if execution is None or token not in execution.tokens:
            raise error("InvalidToken", "Invalid token")
        if execution.status != RUNNING:
            raise error("TaskTimedOut", "Task Timed Out: Provided task does not exist anymore")
        return execution.tokens.pop(token)


class Delivery:
    """A message for a function: it comes again until it was taken well, five times at most."""

    def __init__(self, schedule: Schedule, function: str, identity: str, body: str) -> None:
        self.schedule, self.function, self.identity, self.body = schedule, function, identity, body
        self.received = 0
        self.dead = False
        self.taken: int | None = None

    def deliver(self, *, patient: bool = False) -> None:
        """Hand it over."""
        self.received += 1
        payload = {"Records": [{"messageId": self.identity, "body": self.body}]}
        self.schedule.invoke(self.function, payload, self._answered, patient=patient)

    def _answered(self, result: Result | Failure) -> None:
        taken = isinstance(result, Result) and not (result.value or {}).get("batchItemFailures")
        if taken:
            self.taken = len(self.schedule.world.ledger) if self.taken is None else self.taken
            return
        if self.received >= RECEIVES:
            self.dead = True
            return
        hidden = HIDDEN * self.schedule.functions[self.function].timeout
        self.schedule.after(hidden, self.deliver, lambda: True)


class Sweeper:
    """The clock of sweep: each minute, and only when an open incident is due: any other sweep would change nothing."""

    def __init__(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self.began = self.last = schedule.world.now

    def due(self) -> float | None:
        """The first whole minute after the time at which an incident wants to be looked at."""
        items = self.schedule.world.dynamo.items
        checks = [int(item["next_check_at"]["N"]) for item in items.values() if "next_check_at" in item]
        if not checks:
            return None
        minutes = max(min(checks) - self.began, self.last - self.began) // MINUTE + 1
        return self.began + minutes * MINUTE

    def come(self) -> None:
        """Sweep."""
        self.last = self.schedule.world.now
        self.schedule.invoke("edsr-sweep", {}, _told)


def _told(_: Any) -> None:
    """Its failure is told and made good by the next."""
