"""Every reliability fault that is put into the state machine is found, by exactly the rule that is about it."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from infra import ROOT
from infra.asl import RULES, Functions, lint
from infra.catalogue import discover
from infra.errors import SynthRefused
from infra.parts.remediation import ASL, definition

Named = dict[str, dict[str, Any]]
"""Every state of a machine by its name, and the machine itself as `machine`."""

CASES = ROOT.parent / "shared" / "data" / "asl_cases.jsonl"
FUNCTIONS = Functions.of(discover())
OURS: dict[str, Any] = json.loads(ASL.read_text("utf-8"))


def a_machine() -> tuple[dict[str, Any], Named]:
    machine = deepcopy(OURS)
    return machine, {"machine": machine, **dict(states(machine))}


def states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def swap(state: dict[str, Any], old: str, **new: Any) -> None:
    del state[old]
    state.update(new)


def catch(state: dict[str, Any], leads_to: str) -> None:
    """What catches everything leads there."""
    state["Catch"][-1]["Next"] = leads_to


def retried(state: dict[str, Any], *, without: str = "", also: str = "") -> None:
    names = state["Retry"][0]["ErrorEquals"]
    names[:] = [name for name in names if name != without] + ([also] if also else [])


def side_by_side(steps: dict[str, Any]) -> None:
    """The Map becomes a Parallel."""
    branch = steps.pop("ItemProcessor")
    for name in ("ItemsPath", "ItemSelector", "MaxConcurrencyPath"):
        del steps[name]
    steps |= {"Type": "Parallel", "Branches": [branch]}


ALL = {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "JitterStrategy": "FULL"}
NEXT = "States.MathAdd($.plan.next, 1)"

SEEDED: dict[str, tuple[str, Callable[[Named], object]]] = {
    "a token is waited for without end": ("A1", lambda s: s["RequestApproval"].pop("TimeoutSeconds")),
    "data says how long": ("A1", lambda s: swap(s["RequestApproval"], "TimeoutSeconds", TimeoutSecondsPath="$.wait")),
    "nobody gets the token": ("A2", lambda s: s["RequestApproval"]["Parameters"]["Payload"].clear()),
    "the token is only a word": (
        "A2",
        lambda s: s["RequestApproval"]["Parameters"].update(Payload={"token": "$$.Task.Token"}),
    ),
    "a hand catches nothing": ("A3", lambda s: s["Act"].pop("Catch")),
    "a hand does not catch all": ("A3", lambda s: s["Act"]["Catch"].pop()),
    "an unknown error is judged": ("A3", lambda s: catch(s["Act"], "Settle")),
    "an unknown error never ends": ("A3", lambda s: catch(s["Act"], "Act")),
    "what is around a hand catches nothing": ("A3", lambda s: s["Steps"].pop("Catch")),
    "what is around a hand closes as resolved": ("A3", lambda s: catch(s["Steps"], "Close")),
    "what is around a hand only may escalate": ("A3", lambda s: catch(s["Steps"], "StageVerdict")),
    "a choice without default": ("A4", lambda s: s["Undoable?"].pop("Default")),
    "a choice without default in an item": ("A4", lambda s: s["Judged?"].pop("Default")),
    "all hides a catch": ("A5", lambda s: s["Plan"]["Catch"].reverse()),
    "all is caught in company": ("A5", lambda s: s["Plan"]["Catch"][-1]["ErrorEquals"].append("Gone")),
    "all hides a retry": ("A5", lambda s: s["Plan"]["Retry"].insert(0, ALL)),
    "all is retried in company": ("A5", lambda s: retried(s["Plan"], also="States.ALL")),
    "a heartbeat after the timeout": ("A6", lambda s: s["Verify"].update(HeartbeatSeconds=600)),
    "a heartbeat at the timeout": ("A6", lambda s: s["RequestApproval"].update(HeartbeatSeconds=3720)),
    "a run without end": ("A7", lambda s: s["machine"].pop("TimeoutSeconds")),
    "a run without time": ("A7", lambda s: s["machine"].update(TimeoutSeconds=0)),
    "a resource misspelled": ("A8", lambda s: s["Act"].update(Resource="arn:aws:states:::lambda:invok")),
    "a call past the hands": ("A8", lambda s: s["Act"].update(Resource="arn:aws:states:::aws-sdk:lambda:updateAlias")),
    "a function as resource": ("A8", lambda s: s["Plan"].update(Resource="${PlanFunction}")),
    "a zombie hand": ("A9", lambda s: s["Act"].update(TimeoutSeconds=34)),
    "a zombie stage": ("A9", lambda s: s["Close"].update(TimeoutSeconds=30)),
    "a zombie that waits for a token": (
        "A9",
        lambda s: s["RequestApproval"].update(TimeoutSeconds=20, HeartbeatSeconds=10),
    ),
    "a task without time": ("A9", lambda s: s["Act"].pop("TimeoutSeconds")),
    "a task whose time is data": ("A9", lambda s: swap(s["Act"], "TimeoutSeconds", TimeoutSecondsPath="$.step.wait")),
    "a function nobody knows": ("A9", lambda s: s["Plan"]["Parameters"].update(FunctionName="${OtherFunction}")),
    "a hand retries what is denied": ("A10", lambda s: retried(s["Act"], also="Denied")),
    "a hand retries every failure": ("A10", lambda s: retried(s["Act"], also="States.TaskFailed")),
    "a hand retries everything": ("A10", lambda s: s["Act"]["Retry"].append(ALL)),
    "a hand is never retried": ("A10", lambda s: s["Act"].pop("Retry")),
    "a hand is not retried after it died": ("A10", lambda s: retried(s["Act"], without="Runtime.ExitError")),
    "a hand is not retried after its time": ("A10", lambda s: retried(s["Act"], without="Sandbox.Timedout")),
    "a hand is not retried after a riddle": ("A10", lambda s: retried(s["Act"], without="Lambda.Unknown")),
    "a hand is not retried after the task's time": ("A10", lambda s: retried(s["Act"], without="States.Timeout")),
    "a hand without jitter": ("A10", lambda s: s["Act"]["Retry"][0].pop("JitterStrategy")),
    "a hand with no jitter": ("A10", lambda s: s["Act"]["Retry"][0].update(JitterStrategy="NONE")),
    "a hand that insists": ("A10", lambda s: s["Act"]["Retry"][0].update(MaxAttempts=10)),
    "another language": ("A11", lambda s: s["machine"].update(QueryLanguage="JSONata")),
    "another language in a state": ("A11", lambda s: s["Plan"].update(QueryLanguage="JSONata")),
    "a path with a hole": ("A11", lambda s: s["Steps"].update(ItemsPath="$.todo.[steps")),
    "a path without root": ("A11", lambda s: s["Settle"].update(SecondsPath="step.verify.every")),
    "a compared path without root": ("A11", lambda s: s["Undoable?"]["Choices"][0].update(Variable="plan.count")),
    "a compared path deep within": (
        "A11",
        lambda s: s["StageVerdict"]["Choices"][3]["And"][0].update(NumericLessThanEqualsPath="$.todo.[tolerate]"),
    ),
    "a result put in many places": ("A11", lambda s: s["Verify"].update(ResultPath="$.seen[*]")),
    "a caught error put nowhere": ("A11", lambda s: s["Plan"]["Catch"][0].update(ResultPath="error")),
    "a function nobody has": (
        "A11",
        lambda s: s["TakeStage"]["Parameters"]["plan"].update({"next.$": "States.Add(1)"}),
    ),
    "a function with too little": (
        "A11",
        lambda s: s["TakeStage"]["Parameters"]["plan"].update({"next.$": "States.MathAdd($.plan.next)"}),
    ),
    "a function left open": ("A11", lambda s: s["TakeStage"]["Parameters"]["plan"].update({"next.$": NEXT[:-1]})),
    "a number for a path": ("A11", lambda s: s["Act"]["ResultSelector"].update({"status.$": 7})),
    "what was done is not verified": ("A12", lambda s: s["Act"].update(Next="Judged?")),
    "what was done ends its item": ("A12", lambda s: swap(s["Act"], "Next", End=True)),
    "a good end leaves it open": ("A12", lambda s: s["StageVerdict"]["Choices"][4].update(Next="Stopped")),
    "a measure left holding leaves it open": ("A12", lambda s: s["StageVerdict"]["Choices"][1].update(Next="Held")),
    "an end without a hand leaves it open": ("A12", lambda s: s["Agreed?"].update(Default="Held")),
    "an incident passes for a heartbeat": ("A12", lambda s: s["Heartbeat?"].update(Default="Stopped")),
    "not only a heartbeat passes": ("A12", lambda s: s["Heartbeat?"]["Choices"][0].update(StringEquals="i-1")),
    "a bad end leaves it open": ("A12", lambda s: s["Undoable?"].update(Default="Failed")),
    "an error on the way leaves it open": ("A12", lambda s: catch(s["Revert"], "Failed")),
    "steps without bound": ("A13", lambda s: s["Steps"].pop("MaxConcurrencyPath")),
    "steps with a bound of nothing": (
        "A13",
        lambda s: swap(s["Steps"], "MaxConcurrencyPath", MaxConcurrency=0),
    ),
    "branches without bound": ("A13", lambda s: side_by_side(s["Steps"])),
    "items that leave no history": (
        "A14",
        lambda s: s["Steps"]["ItemProcessor"].update(
            ProcessorConfig={"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}
        ),
    ),
    "escalation goes well": ("A15", lambda s: s["Escalate"].update(Next="Stopped")),
    "escalation just ends": ("A15", lambda s: swap(s["Escalate"], "Next", End=True)),
    "failed escalation goes well": ("A15", lambda s: catch(s["Escalate"], "Stopped")),
    "failure is called success": ("A15", lambda s: swap(s["Failed"], "Type", Type="Succeed")),
    "an error misspelled": ("A16", lambda s: s["Act"]["Catch"][1].update(ErrorEquals=["Refuzed"])),
    "an error of AWS misspelled": ("A16", lambda s: retried(s["Plan"], also="Lambda.ServiceExeption")),
    "an error outside the contract": ("A16", lambda s: s["Plan"]["Catch"][0].update(ErrorEquals=["Rejected"])),
}


def test_our_machine_has_no_fault() -> None:
    assert lint(OURS, FUNCTIONS) == []


def test_a_hand_outside_a_map_has_no_fault_when_it_escalates_itself() -> None:
    machine, named = a_machine()
    act = deepcopy(named["Act"]) | {"Next": "Look", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Escalate"}]}
    look = {name: value for name, value in named["Verify"].items() if name != "Catch"}
    machine["States"] |= {"Hand": act, "Look": look | {"Next": "StageVerdict"}}
    assert lint(machine, FUNCTIONS) == []
    act["Catch"][0]["Next"] = "Close"
    assert [fault.rule for fault in lint(machine, FUNCTIONS)] == ["A3"]


@pytest.mark.parametrize("name", SEEDED)
def test_a_seeded_fault_is_found_by_the_rule_that_is_about_it(name: str) -> None:
    rule, seed = SEEDED[name]
    machine, named = a_machine()
    seed(named)
    assert {fault.rule for fault in lint(machine, FUNCTIONS)} == {rule}


def test_an_express_machine_is_found() -> None:
    assert {fault.rule for fault in lint(OURS, FUNCTIONS, kind="EXPRESS")} == {"A14"}


def test_every_rule_has_its_seeded_faults() -> None:
    assert {rule for rule, _ in SEEDED.values()} == set(RULES) == {f"A{n}" for n in range(1, 17)}


def test_a_fault_says_where_what_and_what_is_right() -> None:
    machine, named = a_machine()
    named["Act"]["TimeoutSeconds"] = 34
    (fault,) = lint(machine, FUNCTIONS)
    assert str(fault) == "A9 Act: it waits 34 s for a function that may take 30 s; right is: at least 35 s"


def test_a_function_that_takes_longer_asks_more_of_its_tasks() -> None:
    slower = Functions(FUNCTIONS.timeouts, {"edsr-act-shift-alias": 60})
    assert [(fault.rule, fault.state) for fault in lint(OURS, slower)] == [("A9", "Act")]


def test_a_faulty_machine_stops_the_synth_with_every_fault(tmp_path: Path) -> None:
    machine, named = a_machine()
    del machine["TimeoutSeconds"], named["Act"]["Catch"]
    file = tmp_path / "faulty.asl.json"
    file.write_text(json.dumps(machine))
    with pytest.raises(SynthRefused) as refused:
        definition(discover(), file)
    assert re.findall(r"^faulty\.asl\.json: (A\d+)", str(refused.value), re.MULTILINE) == ["A3", "A7"]


@pytest.mark.skipif(not CASES.is_file(), reason=f"{CASES.name} is not beside this repository")
def test_every_valid_machine_of_others_is_read_without_trouble() -> None:
    read, unreadable = 0, set()
    for case in map(json.loads, CASES.read_text("utf-8").splitlines()):
        if case["valid"] and "JSONata" not in case["definition_raw"]:
            faults = lint(json.loads(case["definition_raw"]), FUNCTIONS)
            unreadable |= {case["name"] for fault in faults if fault.rule == "A11"}
            read += 1
    assert read >= 60
    assert unreadable == {"valid-fail-paths.json"}, "it reads a variable, which not every engine of ours knows"
