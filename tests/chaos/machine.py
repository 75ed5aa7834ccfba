"""A reference Step Functions: runs a state machine's own JSON, one execution step by step, on a host that has time."""

import json
from collections.abc import Callable
from typing import Any

from tests.chaos.branches import Answer, Branch, Failure, Frame, Host, Result, delay, matches
from tests.chaos.choices import chosen
from tests.chaos.paths import PathFailed, fill, path, placed

INVOKE = "arn:aws:states:::lambda:invoke"
TOKEN = ".waitForTaskToken"
RUNNING, SUCCEEDED, FAILED, TIMED_OUT = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT"


class Execution:
    """One run of a machine. `visited` are the states it entered, in order."""

    def __init__(self, definition: dict[str, Any], name: str, said: Any, host: Host) -> None:
        self.definition, self.name, self.said, self.host = definition, name, said, host
        self.status = RUNNING
        self.output: Any = None
        self.failure: Failure | None = None
        self.visited: list[str] = []
        self.tokens: dict[str, Answer] = {}

    def start(self) -> None:
        """Begin; everything that needs no time happens at once."""
        if limit := self.definition.get("TimeoutSeconds"):
            late = Failure("States.Timeout")
            self.host.after(limit, lambda: self._end(TIMED_OUT, late), lambda: self.status == RUNNING)
        self._enter(Branch(self.definition["States"]), self.definition["StartAt"], self.said)

    def _end(self, status: str, failure: Failure | None = None, output: Any = None) -> None:
        if self.status == RUNNING:
            self.status, self.failure, self.output = status, failure, output

    def _enter(self, branch: Branch, name: str, said: Any) -> None:
        branch.name, branch.said, branch.tried = name, said, {}
        branch.entered = self.host.entered()
        self.visited.append(name)
        self._run(branch)

    def _run(self, branch: Branch) -> None:
        """Do what the state says; a retry comes here again."""
        branch.turn += 1
        try:
            _TYPES[branch.state["Type"]](self, branch, branch.state, self._input(branch))
        except PathFailed as exc:
            self._fail(branch, Failure("States.Runtime", str(exc)))

    def _input(self, branch: Branch) -> Any:
        where = branch.state.get("InputPath", "$")
        return {} if where is None else path(where)(branch.said, self._context(branch))

    def _context(self, branch: Branch, **more: Any) -> dict[str, Any]:
        tried = sum(branch.tried.values())
        state = {"EnteredTime": branch.entered, "Name": branch.name, "RetryCount": tried}
        return {"Execution": {"Name": self.name, "Input": self.said}, "State": state, **more}

    def _go(self, branch: Branch, result: Any) -> None:
        """Leave a state: its result is put in place, and what comes next is entered."""
        state, context = branch.state, self._context(branch)
        try:
            if "ResultSelector" in state:
                result = fill(state["ResultSelector"], result, context)
            made = placed(branch.said, state.get("ResultPath", "$"), result)
            made = {} if state.get("OutputPath", "$") is None else path(state.get("OutputPath", "$"))(made, context)
        except PathFailed as exc:
            self._fail(branch, Failure("States.Runtime", str(exc)))
            return
        if state.get("End"):
            self._leave(branch, made)
        else:
            self._enter(branch, state["Next"], made)

    def _leave(self, branch: Branch, output: Any) -> None:
        frame = branch.frame
        if frame is None:
            self._end(SUCCEEDED, output=output)
            return
        frame.results[branch.number] = output
        frame.ended += 1
        if frame.ended == len(frame.items):
            self._go(frame.branch, frame.results)
        else:
            self._begin(frame)

    def _fail(self, branch: Branch, failure: Failure) -> None:
        """Retry, else catch, else fail what it is part of."""
        for number, rule in enumerate(branch.state.get("Retry", [])):
            if matches(rule["ErrorEquals"], failure.error):
                done = branch.tried.get(number, 0)
                if done < rule.get("MaxAttempts", 3):
                    branch.tried[number] = done + 1
                    self._later(branch, delay(rule, done, self.host), self._run)
                    return
                break
        for rule in branch.state.get("Catch", []):
            if matches(rule["ErrorEquals"], failure.error):
                said = {"Error": failure.error, "Cause": failure.cause}
                self._enter(branch, rule["Next"], placed(branch.said, rule.get("ResultPath", "$"), said))
                return
        if branch.frame is None:
            self._end(FAILED, failure)
        else:
            branch.frame.failed = True
            self._fail(branch.frame.branch, failure)

    def _later(self, branch: Branch, seconds: float, then: Callable[[Branch], None]) -> None:
        """Go on after a time, unless the branch has moved on by then."""
        turn = branch.turn

        def needed() -> bool:
            return self.status == RUNNING and branch.turn == turn and branch.live

        self.host.after(seconds, lambda: then(branch), needed)

    def _task(self, branch: Branch, state: dict[str, Any], said: Any) -> None:
        resource = state["Resource"]
        waits = resource.endswith(TOKEN)
        token = f"{self.name}/{branch.name}/{len(self.visited)}/{branch.turn}"
        asked = fill(state["Parameters"], said, self._context(branch, Task={"Token": token}))
        turn = branch.turn

        def answer(result: Result | Failure) -> None:
            if self.status == RUNNING and branch.turn == turn and branch.live:
                branch.turn += 1
                if isinstance(result, Failure):
                    self._fail(branch, result)
                else:
                    self._go(branch, result.value)

        def returned(result: Result | Failure) -> None:
            if isinstance(result, Failure):
                answer(result)
            elif not waits:
                answer(Result({"Payload": result.value, "StatusCode": 200, "ExecutedVersion": "$LATEST"}))

        if resource.removesuffix(TOKEN) != INVOKE:
            raise PathFailed(f"{resource} is no task that is known here")
        if waits:
            self.tokens[token] = answer
        if limit := state.get("TimeoutSeconds"):
            self._later(branch, limit, lambda late: answer(Failure("States.Timeout", f"after {late.name}")))
        self.host.invoke(asked["FunctionName"], asked.get("Payload", {}), returned)

    def _pass(self, branch: Branch, state: dict[str, Any], said: Any) -> None:
        made = fill(state["Parameters"], said, self._context(branch)) if "Parameters" in state else said
        self._go(branch, state.get("Result", made))

    def _choice(self, branch: Branch, state: dict[str, Any], said: Any) -> None:
        self._enter(branch, chosen(state, said, self._context(branch)), said)

    def _wait(self, branch: Branch, state: dict[str, Any], said: Any) -> None:
        seconds = path(state["SecondsPath"])(said, {}) if "SecondsPath" in state else state["Seconds"]
        self._later(branch, seconds, lambda waited: self._go(waited, waited.said))

    def _succeed(self, branch: Branch, _state: dict[str, Any], said: Any) -> None:
        self._leave(branch, said)

    def _give_up(self, branch: Branch, state: dict[str, Any], _said: Any) -> None:
        self._fail(branch, Failure(state.get("Error", ""), state.get("Cause", "")))

    def _map(self, branch: Branch, state: dict[str, Any], said: Any) -> None:
        context = self._context(branch)
        items = path(state.get("ItemsPath", "$"))(said, context)
        limit = path(state["MaxConcurrencyPath"])(said, context) if "MaxConcurrencyPath" in state else None
        at_once = limit or state.get("MaxConcurrency", 0) or len(items)
        frame = Frame(branch, items, at_once, [None] * len(items))
        if not items:
            self._go(branch, [])
        for _ in range(min(at_once, len(items))):
            self._begin(frame)

    def _begin(self, frame: Frame) -> None:
        """Start the next item of a Map, where one is left."""
        number = frame.begun
        if number >= len(frame.items) or frame.failed:
            return
        frame.begun += 1
        outer, inner = frame.branch.state, frame.branch.state["ItemProcessor"]
        item = {"Item": {"Index": number, "Value": frame.items[number]}}
        said = frame.items[number]
        if "ItemSelector" in outer:
            said = fill(outer["ItemSelector"], self._input(frame.branch), self._context(frame.branch, Map=item))
        self._enter(Branch(inner["States"], frame, number), inner["StartAt"], said)


_TYPES: dict[str, Callable[[Execution, Branch, dict[str, Any], Any], None]] = {
    "Task": Execution._task,
    "Pass": Execution._pass,
    "Choice": Execution._choice,
    "Wait": Execution._wait,
    "Map": Execution._map,
    "Succeed": Execution._succeed,
    "Fail": Execution._give_up,
}


def read(text: str, **values: str) -> dict[str, Any]:
    """A definition, its `${Name}` substitutions filled in."""
    for name, said in values.items():
        text = text.replace(f"${{{name}}}", said)
    definition: dict[str, Any] = json.loads(text)
    return definition
