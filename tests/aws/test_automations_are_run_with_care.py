"""What runs by itself: which of it may be run, when a person is asked, and what its probes make of how it ended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from pydantic import ValidationError

from act.actuators import run_automation, run_state_machine
from decide.gather import careful
from edsr.aws.automations import LIVE, definition
from edsr.aws.automations import executions as automations
from edsr.aws.machine_runs import executions
from edsr.errors import Gone, Refused
from edsr.model import Judged
from edsr.policy.services import Resource
from infra.catalogue import catalogue
from plan.draw import draw
from tests import estate
from tests.aws.hands import AUTOMATION, made
from tests.aws.stand_ins import Automations
from tests.things import a_playbook, a_policy, an_incident
from tests.unit.test_a_plan_leaves_nothing_open import a_world

MACHINE = f"arn:aws:states:{estate.REGION}:{estate.ACCOUNT}:stateMachine:recount-stock"


@pytest.mark.parametrize(("guard", "runs"), [(run_automation.guard, {"Rack": ["8"]}), (run_state_machine.guard, "{}")])
def test_what_runs_with_something_else_is_left_to_end(guard: Callable[..., None], runs: Any) -> None:
    with pytest.raises(Refused, match=r"runs already, with .*: one at a time"):
        guard(estate.client, "it", {"running": [runs]}, {})
    guard(estate.client, "it", {"running": [runs]}, None)
    guard(estate.client, "it", {"running": []}, {})


@pytest.mark.parametrize(
    "end", ["restart-warehouse", "restart-warehouse:$DEFAULT", "restart-warehouse:", "a b:1", "ab:1", "x:1:2"]
)
def test_an_automation_without_the_version_that_was_catalogued_is_none(end: str) -> None:
    with pytest.raises(Refused):
        definition(AUTOMATION.replace("restart-warehouse:1", end))


def test_the_suites_own_machine_is_never_run() -> None:
    with pytest.raises(Refused, match="is the suite's own"):
        executions(None, MACHINE.replace("recount-stock", "edsr-remediate"))


@pytest.mark.usefixtures("aws")
def test_an_automation_that_wants_no_parameters_is_given_none() -> None:
    runs = Automations("restart-warehouse")
    with runs.answering():
        run_automation.apply(
            estate.client, AUTOMATION, run_automation.goal({}), "", "00000000-0000-4000-8000-000000000000"
        )
    assert [run["Parameters"] for run in runs.runs] == [{}]


@pytest.mark.usefixtures("aws")
def test_what_runs_is_found_behind_however_many_of_others_whose_names_begin_alike() -> None:
    runs = Automations("restart-warehouse")
    runs.start({"DocumentName": "restart-warehouse", "ClientToken": "ours"})
    for n in range(60):
        runs.start({"DocumentName": "restart-warehouse-nightly", "ClientToken": f"theirs-{n}"})
    with runs.answering():
        found = automations(estate.client("ssm"), AUTOMATION, *LIVE)
    assert [one["DocumentName"] for one in found] == ["restart-warehouse"]


@pytest.mark.usefixtures("aws")
def test_a_machine_that_is_not_there_is_gone() -> None:
    with pytest.raises(Gone):
        executions(estate.client("stepfunctions"), MACHINE)


@pytest.mark.parametrize("args", [{"parameters": {"Rack": "7"}}, {"parameters": [7]}, {"document": "other"}])
def test_arguments_are_typed(args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        run_automation.goal(args)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Success", Judged.BETTER),
        ("CompletedWithSuccess", Judged.BETTER),
        ("Failed", Judged.WORSE),
        ("TimedOut", Judged.WORSE),
        ("Cancelled", Judged.UNKNOWN),
        ("", Judged.PENDING),
    ],
)
def test_only_an_automation_that_ended_since_is_judged_and_one_that_was_stopped_by_nobody(
    status: str, expected: Judged
) -> None:
    runs = Automations("restart-warehouse")
    runs.start({"DocumentName": runs.name, "ClientToken": "x"})
    if status:
        runs.end(runs.runs[0], status)
    with runs.answering():
        assert judged("automation_succeeded", automation=AUTOMATION) is expected
        assert judged("automation_succeeded", minutes=3, automation=AUTOMATION) is Judged.PENDING


@pytest.mark.usefixtures("aws")
def test_what_was_never_run_is_waited_for() -> None:
    with Automations("restart-warehouse").answering(), made("run-state-machine") as world:
        assert judged("automation_succeeded", automation=AUTOMATION) is Judged.PENDING
        assert judged("execution_succeeded", machine=world.target) is Judged.PENDING


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("RUNNING", Judged.PENDING),
        ("SUCCEEDED", Judged.BETTER),
        ("FAILED", Judged.WORSE),
        ("TIMED_OUT", Judged.WORSE),
        ("ABORTED", Judged.UNKNOWN),
    ],
)
def test_of_a_machines_executions_only_the_suites_own_is_judged(status: str, expected: Judged) -> None:
    ended = {"stopDate": datetime.now(UTC)} if status != "RUNNING" else {}

    class States:
        def list_executions(self, **_: Any) -> dict[str, Any]:
            nightly = {"name": "nightly", "status": "FAILED", "stopDate": datetime.now(UTC)}
            return {"executions": [nightly, {"name": "edsr-1", "status": status, **ended}]}

    assert judged("execution_succeeded", lambda _: States(), machine=MACHINE) is expected


def judged(probe: str, clients: Any = estate.client, minutes: int = 0, **args: str) -> Judged:
    """As seen by a step that was done so many minutes from now."""
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    verdict: Judged = import_module(f"verify.probes.{probe}").look(clients, args, since=now, now=now).judged
    return verdict


@pytest.mark.parametrize(("named", "said", "asks"), [(True, True, False), (True, False, True), (False, True, True)])
def test_a_person_is_asked_unless_the_catalogue_vouches_for_that_target(named: bool, said: bool, asks: bool) -> None:
    target = {"target": AUTOMATION} if named else {"target.$": "parameters.automation"}
    playbook = a_playbook(stages=[{"steps": [{"action": "run-automation", **target}]}])
    assert bool(careful(playbook, catalogue(), lambda arn: said and arn == AUTOMATION)) is asks


@pytest.mark.parametrize("said", [True, False])
def test_to_stop_it_undoes_it_only_where_the_catalogue_says_so(said: bool) -> None:
    step = {"action": "run-automation", "target": AUTOMATION}
    incident = an_incident(
        policy=a_policy(on_failure=["revert", "page"]), playbook=a_playbook(parameters={}, stages=[{"steps": [step]}])
    )
    world = a_world()._replace(
        catalogue=catalogue(), observe=lambda _kind, _arn: {"running": []}, reversible=lambda _: said
    )
    drawn = draw(incident, world).step(1)
    assert (drawn.reversible, drawn.revertible) == (said, said)


def test_the_catalogue_vouches_for_nothing_else() -> None:
    with pytest.raises(ValidationError, match="only of ssm:automation and states:runnable-machine"):
        Resource(kind="lambda:alias", arn="arn:x", reversible=True)
    assert Resource(kind="ssm:automation", arn=AUTOMATION, reversible=True).reversible
