"""The reference Step Functions against moto: the suite's own machine, the same answers, the same states visited."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws
from moto.awslambda.models import LambdaFunction

from edsr.errors import Denied, Gone, Refused, Transient
from tests import estate
from tests.chaos.branches import Answer, Failure, Result
from tests.chaos.machine import Execution, read
from tests.chaos.scenario import ASL

ARN = f"arn:aws:lambda:{estate.REGION}:{estate.ACCOUNT}:function:edsr-"
AT = "2026-03-02T03:05:00.000Z"
STAGES = ("Plan", "Approve", "Verify", "Close")
Script = dict[str, list[Any]]


def a_step(n: int, direction: str = "apply") -> dict[str, Any]:
    said = {"n": n, "function": f"{ARN}act", "target": f"t{n}", "direction": direction, "verify": {"every": 0}}
    return {**said, "first": direction == "expire", "since": AT}


def a_plan(*stages: list[int], direction: str = "apply") -> dict[str, Any]:
    said = [{"steps": [a_step(n, direction) for n in stage], "at_once": 1, "tolerate": 0} for stage in stages]
    plan = {"direction": direction, "stages": said, "count": len(said), "next": 0, "asks": False}
    return {"inc": "i-1", "brief": {"id": "i-1"}, "plan": plan}


def seen(n: int, judged: str, direction: str = "apply") -> dict[str, Any]:
    said = {"step": n, "direction": direction, "status": "DONE", "judged": judged, "at": AT, "stands": None}
    failed = [0] if judged == "better" else [0, n]
    return said | {"worse": [0, n] if judged == "worse" else [0], "failed": failed, "refused": [0]}


DONE, PENDING = {"status": "DONE", "at": AT, "stands": None}, seen(1, "pending")
FLOWS: dict[str, Script] = {
    "resolved": {"plan": [a_plan([1])], "act": [DONE], "verify": [seen(1, "better")], "close": [{"state": "RESOLVED"}]},
    "two stages": {
        "plan": [a_plan([1], [2])],
        "act": [DONE, DONE],
        "verify": [seen(1, "better"), seen(2, "better")],
        "close": [{"state": "RESOLVED"}],
    },
    "two beside, polled": {
        "plan": [a_plan([1, 2])],
        "act": [DONE, DONE],
        "verify": [PENDING, seen(1, "better"), seen(2, "better")],
        "close": [{"state": "RESOLVED"}],
    },
    "worse, undone": {
        "plan": [a_plan([1]), a_plan([1], direction="revert")],
        "act": [DONE, DONE],
        "verify": [seen(1, "worse"), seen(1, "better", "revert")],
        "close": [{"state": "REVERTED"}],
    },
    "worse, nothing to undo": {
        "plan": [a_plan([1]), a_plan(direction="revert")],
        "act": [DONE],
        "verify": [seen(1, "worse")],
        "close": [{"state": "ESCALATED"}],
    },
    "unknown": {
        "plan": [a_plan([1])],
        "act": [DONE],
        "verify": [seen(1, "unknown")],
        "close": [{"state": "ESCALATED"}],
    },
    "plan refused": {"plan": [Refused("no")], "close": [{"state": "ABORTED"}]},
    "step refused": {"plan": [a_plan([1])], "act": [Refused("no")], "close": [{"state": "ABORTED"}]},
    "gone": {
        "plan": [a_plan([1])],
        "act": [Gone("away")],
        "verify": [seen(1, "better")],
        "close": [{"state": "RESOLVED"}],
    },
    "denied": {"plan": [a_plan([1])], "act": [Denied("no")], "close": [{"state": "ESCALATED"}]},
    "tried again": {
        "plan": [a_plan([1])],
        "act": [Transient("busy"), DONE],
        "verify": [seen(1, "better")],
        "close": [{"state": "RESOLVED"}],
    },
    "a measure ends": {
        "plan": [a_plan([1], direction="expire")],
        "act": [DONE],
        "verify": [seen(1, "better"), seen(1, "better", "revert")],
        "close": [{"state": "RESOLVED"}],
    },
    "a measure is renewed": {
        "plan": [a_plan([1], direction="expire")],
        "verify": [seen(1, "worse", "revert")],
        "close": [{"state": "HOLDING"}],
    },
    "a measure is spent": {
        "plan": [a_plan([1], direction="expire")],
        "verify": [seen(1, "unknown", "revert")],
        "close": [{"state": "ESCALATED"}],
    },
    "no measure is over": {"plan": [a_plan(direction="expire")], "close": [{"state": "HOLDING"}]},
    "cannot be closed": {"plan": [Refused("no")], "close": [ValueError("broken")]},
}


class Teller:
    """Gives the answers of a flow, in order."""

    def __init__(self, script: Script) -> None:
        self.left = {stage: list(answers) for stage, answers in script.items()}

    def say(self, function: str) -> Any:
        answer = self.left[function.rsplit("-", 1)[-1]].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class AtOnce:
    """A host on which everything happens in the order in which it was asked for, and time passes at will."""

    def __init__(self, teller: Teller) -> None:
        self.teller, self.later = teller, list[tuple[float, Callable[[], None], Callable[[], bool]]]()

    def invoke(self, function: str, payload: Any, answer: Answer) -> None:
        json.dumps(payload)
        try:
            said = self.teller.say(function)
        except (Denied, Gone, Refused, Transient, ValueError) as exc:
            answer(Failure(type(exc).__name__, json.dumps({"errorMessage": str(exc)})))
        else:
            answer(Result(said))

    def after(self, seconds: float, then: Callable[[], None], needed: Callable[[], bool]) -> None:
        self.later.append((seconds, then, needed))

    def entered(self) -> str:
        return AT

    def jitter(self, seconds: float) -> float:
        return seconds

    def settle(self) -> None:
        while self.later:
            self.later.sort(key=lambda each: each[0])
            _, then, needed = self.later.pop(0)
            if needed():
                then()


def ours(script: Script) -> tuple[str, list[str]]:
    host = AtOnce(Teller(script))
    definition = read(ASL, **{f"{stage}Function": f"{ARN}{stage.lower()}" for stage in STAGES})
    execution = Execution(definition, "i-1", {"inc": "i-1", "v": 1}, host)
    execution.start()
    host.settle()
    return execution.status, execution.visited


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Script], tuple[str, list[str]]]]:
    """Run a flow on moto; gives its status and the states it entered."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    teller = Teller({})

    def invoke(self: LambdaFunction, _body: str, _: Any, headers: Any) -> bytes:
        try:
            return json.dumps(teller.say(self.function_name)).encode()
        except (Denied, Gone, Refused, Transient, ValueError) as exc:
            headers["x-amz-function-error"] = "Unhandled"
            return json.dumps({"errorType": type(exc).__name__, "errorMessage": str(exc)}).encode()

    def run(script: Script) -> tuple[str, list[str]]:
        teller.left = Teller(script).left
        states = estate.client("stepfunctions")
        text = ASL
        for stage in STAGES:
            text = text.replace(f"${{{stage}Function}}", f"{ARN}{stage.lower()}")
        role = estate.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        machine = states.create_state_machine(name="m", definition=text, roleArn=role)["stateMachineArn"]
        arn = states.start_execution(stateMachineArn=machine, name="i-1", input='{"inc":"i-1","v":1}')["executionArn"]
        while states.describe_execution(executionArn=arn)["status"] == "RUNNING":
            time.sleep(0.02)
        events = states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        entered = [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]
        return states.describe_execution(executionArn=arn)["status"], entered

    monkeypatch.setattr(LambdaFunction, "invoke", invoke)
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
        for stage in ("plan", "act", "verify", "close"):
            estate.make_function(f"edsr-{stage}", "def handle(event, context): ...")
        yield run


@pytest.mark.parametrize("flow", FLOWS)
def test_it_visits_the_states_that_moto_visits(flow: str, moto: Callable[[Script], tuple[str, list[str]]]) -> None:
    assert ours(FLOWS[flow]) == moto(FLOWS[flow])
