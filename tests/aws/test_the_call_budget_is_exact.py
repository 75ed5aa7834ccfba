"""What one remediation costs: fourteen calls to AWS and five transactions, from the event to its end (G13)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

import act.actuators.shift_alias
import close.handler
import decide.handler
import detect.detectors.cloudwatch
import plan.handler
import verify.handler
from edsr import settings
from edsr.ports import Client, utc_now
from edsr.serve import Handler, Runtime
from edsr.times import iso
from tests import estate
from tests.flow.conftest import Suite, on_moto

BUDGET = {
    "detect": ["SendMessage"],
    "decide": ["BatchGetItem", "TransactWriteItems", "StartExecution"],
    "plan": ["BatchGetItem", "GetAlias", "TransactWriteItems"],
    "act": ["BatchGetItem", "GetAlias", "TransactWriteItems", "UpdateAlias", "TransactWriteItems"],
    "verify": ["DescribeAlarms"],
    "close": ["TransactWriteItems"],
}


@dataclass
class Counter:
    """The suite's functions one after the other, with clients of their own whose calls are counted for each stage."""

    suite: Suite
    clock: estate.Clock = field(default_factory=lambda: estate.Clock(utc_now()))
    calls: dict[str, list[str]] = field(default_factory=dict)
    made: dict[str, Client] = field(default_factory=dict)
    stage: str = ""

    def clients(self, service: str, *, mutating: bool = False) -> Client:
        """One client a service; what it calls belongs to the stage that is under way."""
        del mutating
        if service not in self.made:
            made = self.made[service] = boto3.client(service, region_name=estate.REGION)
            made.meta.events.register("before-call", lambda model, **_: self._called(str(model.name)))
        return self.made[service]

    def _called(self, operation: str) -> None:
        self.calls.setdefault(self.stage, []).append(operation)

    def call(self, stage: str, handler: Handler[Any], given: settings.Settings, **said: Any) -> Any:
        """Call a stage."""
        self.stage = stage
        runtime = Runtime(given, self.clients, self.clock, lambda: self.suite.library, sleep=self.clock.sleep)
        return handler.handle({"v": 1, **said}, runtime)

    def detect(self) -> list[dict[str, Any]]:
        """The alarm; gives the message that is queued."""
        event = estate.event("cloudwatch/canary-alarm") | {"account": estate.ACCOUNT}
        event["detail"]["state"]["timestamp"] = iso(self.clock())
        given = settings.Detect(
            findings_queue=self.suite.findings, quarantine_queue=self.suite.quarantine, state_table="edsr-state"
        )
        policy = "lambda-canary-rollback"
        self.call("detect", detect.detectors.cloudwatch.handler, given, policy=policy, event=event)
        return self.suite.messages(self.suite.findings)

    def decide(self, messages: list[dict[str, Any]]) -> None:
        """The finding."""
        places = {"machine": self.suite.machine, "quarantine_queue": self.suite.quarantine}
        given = settings.Decide(**estate.RATED.model_dump(mode="json"), **places)
        assert self.call("decide", decide.handler.handler, given, Records=messages) == {"batchItemFailures": []}

    def remediate(self) -> str:
        """The execution, as the machine passes its state on; gives how the incident ended."""
        (inc,) = self.suite.executions()
        drawn = self.call("plan", plan.handler.handler, estate.TABLES, inc=inc, direction="apply")
        ((step,),) = [stage["steps"] for stage in drawn["plan"]["stages"]]
        where = {"inc": inc, "brief": drawn["brief"], "verdicts": [[], []]}
        pointer = {name: step[name] for name in ("n", "target", "direction")}
        outcome = self.call("act", act.actuators.shift_alias.handler, estate.ACT, **where, **pointer)
        estate.set_alarm("canary-checkout-errors", "OK")
        self.clock.tick(minutes=1)
        seen = self.call("verify", verify.handler.handler, settings.Verify(), inc=inc, step=step, outcome=outcome)
        run = {**where, "plan": drawn["plan"], "stage": {"results": [seen]}}
        ended = self.call("close", close.handler.handler, estate.TABLES, end="RESOLVED", run=run)
        return str(ended["state"])


@contextmanager
def counting(folder: Path, **safeguards: Any) -> Iterator[Counter]:
    with pytest.MonkeyPatch.context() as patch, on_moto(folder / "policies", patch, runs=False) as suite:
        suite.rewrite(safeguards=safeguards)
        yield Counter(suite)


def test_one_step_that_goes_well_costs_fourteen_calls_and_five_transactions(tmp_path: Path) -> None:
    with counting(tmp_path) as counter:
        counter.decide(counter.detect())
        assert counter.remediate() == "RESOLVED"
    assert counter.calls == BUDGET
    every = [operation for calls in counter.calls.values() for operation in calls]
    assert (len(every), every.count("TransactWriteItems")) == (14, 5)


def test_a_duplicate_costs_one_call_in_decide(tmp_path: Path) -> None:
    with counting(tmp_path) as counter:
        messages = counter.detect()
        counter.decide(messages)
        counter.remediate()
        for _ in range(2):
            counter.calls.clear()
            counter.decide(messages)
            assert counter.calls == {"decide": ["BatchGetItem"]}


def test_what_is_only_watched_costs_two_calls_in_decide(tmp_path: Path) -> None:
    with counting(tmp_path) as counter:
        counter.suite.rewrite(mode="observe")
        counter.decide(counter.detect())
        assert counter.calls["decide"] == ["BatchGetItem", "TransactWriteItems"]
        assert counter.suite.executions() == []


def test_sparing_an_error_budget_costs_one_call_for_every_finding_of_a_minute(tmp_path: Path) -> None:
    spared = {"objective": "checkout-availability", "restores-budget": True}
    with counting(tmp_path, **{"error-budget": spared}) as counter:
        put_calls(counter.clock() - timedelta(minutes=2), calls=100, errors=50)
        messages = counter.detect()
        counter.decide(messages)
        assert counter.remediate() == "RESOLVED"
        assert counter.calls == BUDGET | {"decide": ["BatchGetItem", "GetMetricData", *BUDGET["decide"][1:]]}
        counter.calls.clear()
        counter.decide(messages)
        assert counter.calls == {"decide": ["BatchGetItem"]}


def put_calls(at: datetime, **counted: int) -> None:
    """So many calls and errors of checkout."""
    named = {"calls": "Invocations", "errors": "Errors"}
    data = [
        {
            "MetricName": named[name],
            "Dimensions": [{"Name": "FunctionName", "Value": "checkout"}],
            "Value": value,
            "Timestamp": at,
        }
        for name, value in counted.items()
    ]
    estate.client("cloudwatch").put_metric_data(Namespace="AWS/Lambda", MetricData=data)
