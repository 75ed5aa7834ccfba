"""The state machine as a document: every error has its road, every task its time and its retries."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import act.actuators.shift_alias
import approve.handler
import close.handler
import plan.handler
import verify.handler
from edsr import errors
from edsr.protocol.approval import CEILING
from tests.estate import ROOT

MACHINE = json.loads((ROOT / "statemachines" / "remediate.asl.json").read_text())
OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.EdsrError)}
FIRST_FOUR = {"Transient", "Refused", "Gone", "Denied"}
AWS = {
    "Lambda.ServiceException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "Lambda.Unknown",
    "Runtime.ExitError",
    "Sandbox.Timedout",
    "States.Timeout",
}
TIMEOUTS = {
    "${PlanFunction}": plan.handler.handler.declared.timeout,
    "${ApproveFunction}": approve.handler.handler.declared.timeout,
    "${VerifyFunction}": verify.handler.handler.declared.timeout,
    "${CloseFunction}": close.handler.handler.declared.timeout,
    "$.step.function": act.actuators.shift_alias.handler.declared.timeout,
}


def states(machine: dict[str, Any] = MACHINE) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


STATES = dict(states())
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}


def caught(state: dict[str, Any]) -> dict[str, str]:
    return {name: catch["Next"] for catch in state.get("Catch", []) for name in catch["ErrorEquals"]}


def retried(state: dict[str, Any]) -> set[str]:
    return {name for retry in state.get("Retry", []) for name in retry["ErrorEquals"]}


def function(state: dict[str, Any]) -> str:
    said = state["Parameters"]
    return str(said.get("FunctionName") or said["FunctionName.$"])


def test_the_first_four_errors_are_the_contract() -> None:
    defined = [
        name for name, kind in vars(errors).items() if isinstance(kind, type) and kind.__module__ == "edsr.errors"
    ]
    assert set(defined[1:5]) == FIRST_FOUR


def test_act_handles_each_of_the_four_by_name() -> None:
    assert {name: where for name, where in caught(TASKS["Act"]).items() if name in FIRST_FOUR} == {
        "Gone": "Vanished",
        "Refused": "NotTaken",
        "Denied": "Broken",
    }
    assert "Transient" in retried(TASKS["Act"])


def test_a_refused_plan_is_no_failure_and_any_other_error_of_it_is() -> None:
    assert caught(TASKS["Plan"]) == {"Refused": "Abort", "States.ALL": "Escalate"}


@pytest.mark.parametrize("name", TASKS)
def test_every_error_that_is_named_exists(name: str) -> None:
    assert (retried(TASKS[name]) | set(caught(TASKS[name]))) <= OURS | AWS | {"States.ALL"}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_is_tried_again_with_jitter_for_what_may_pass_and_for_crashes(name: str) -> None:
    (retry,) = TASKS[name]["Retry"]
    waits_for_a_person = TASKS[name]["Resource"].endswith("waitForTaskToken")
    assert set(retry["ErrorEquals"]) == {"Transient", *AWS} - ({"States.Timeout"} if waits_for_a_person else set())
    assert (retry["JitterStrategy"], retry["MaxAttempts"], retry["BackoffRate"]) == ("FULL", 3, 2.0)


@pytest.mark.parametrize("name", TASKS)
def test_every_task_outlasts_its_function(name: str) -> None:
    assert TASKS[name]["TimeoutSeconds"] >= TIMEOUTS[function(TASKS[name])] + 5


@pytest.mark.parametrize("name", [*TASKS, "Steps"])
def test_nothing_is_left_uncaught_and_what_catches_all_comes_last(name: str) -> None:
    catches = STATES[name]["Catch"]
    assert catches[-1]["ErrorEquals"] == ["States.ALL"]
    assert all("States.ALL" not in catch["ErrorEquals"] for catch in catches[:-1])


@pytest.mark.parametrize("name", [name for name, state in STATES.items() if state["Type"] == "Choice"])
def test_every_choice_has_a_default(name: str) -> None:
    assert STATES[name]["Default"] in STATES


def test_every_state_that_is_named_exists_and_is_reached() -> None:
    named = {MACHINE["StartAt"], MACHINE["States"]["Steps"]["ItemProcessor"]["StartAt"]}
    for state in STATES.values():
        named |= {state[key] for key in ("Next", "Default") if key in state}
        named |= {choice["Next"] for choice in state.get("Choices", [])} | set(caught(state).values())
    assert named == set(STATES)


def test_escalation_never_ends_in_success() -> None:
    assert STATES["Escalate"]["Next"] == "Failed"
    assert (STATES["Failed"]["Type"], STATES["Failed"]["Error"]) == ("Fail", "Escalated")


def test_nobody_waits_longer_for_a_person_than_the_asking_lasts() -> None:
    assert TASKS["RequestApproval"]["TimeoutSeconds"] == CEILING.total_seconds()


def test_steps_run_side_by_side_only_within_a_bound() -> None:
    assert STATES["Steps"]["MaxConcurrencyPath"] == "$.todo.at_once"


def test_the_machine_outlasts_the_deadline_and_the_undo() -> None:
    assert MACHINE["TimeoutSeconds"] >= 2 * 3600 + 600
    assert MACHINE.get("QueryLanguage", "JSONPath") == "JSONPath"
