"""What a crash left behind is taken up again, or ended with a person told; doing it twice changes nothing."""

from typing import Any

import pytest

import sweep.handler
from decide.chain import decide
from decide.facts import Facts
from edsr.ports import Client
from edsr.protocol import keys
from edsr.protocol.admission import admit
from edsr.protocol.incident import Incident
from edsr.serve import Runtime
from edsr.settings import Sweep
from tests import estate
from tests.aws.conftest import Workshop
from tests.aws.services import refusal
from tests.things import AT, FUNCTION, a_finding, a_playbook, a_policy, a_subject

SETTINGS = Sweep(
    **estate.TABLES.model_dump(),
    machine="arn:aws:states:us-east-1:123456789012:stateMachine:edsr-remediate",
    findings_queue="edsr-findings",
)
NOTHING = {"adopted": 0, "ended": 0, "running": 0, "failed": 0, "released": 0}


class Executions:
    """A Step Functions that knows the executions a test gives it."""

    class exceptions:  # noqa: N801 - as a client names them
        class ExecutionDoesNotExist(Exception):
            """Nothing has this name."""

        class ExecutionAlreadyExists(Exception):
            """Something has this name."""

    def __init__(self, **statuses: str) -> None:
        self.statuses = dict(statuses)
        self.started: list[dict[str, Any]] = []
        self.throttled: set[str] = set()

    def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803 - as AWS spells it
        name = executionArn.rsplit(":", 1)[1]
        if name in self.throttled:
            raise refusal("ThrottlingException")
        if name not in self.statuses:
            raise self.exceptions.ExecutionDoesNotExist
        return {"status": self.statuses[name]}

    def start_execution(self, **said: Any) -> None:
        if said["name"] in self.statuses:
            raise self.exceptions.ExecutionAlreadyExists
        self.statuses[said["name"]] = "RUNNING"
        self.started.append(said)


def sweep_once(shop: Workshop, executions: Executions, **later: float) -> dict[str, int]:
    shop.clock.tick(**(later or {"minutes": 3}))

    def clients(service: str, *, mutating: bool = False) -> Client:
        return executions if service == "stepfunctions" else shop.clients(service, mutating=mutating)

    done: dict[str, int] = sweep.handler.handler.handle(
        {}, Runtime(SETTINGS, clients, shop.clock, lambda: shop.library)
    )
    return done


def another(shop: Workshop, n: int = 2) -> Incident:
    """Another incident, on another subject, that decide admitted and then died before it could start it."""
    found = a_finding(subject=a_subject(arn=f"{FUNCTION}-{n}:live"))
    policy = a_policy(safeguards={"concurrency": {"max": 20}})
    decision = decide(found, policy, Facts(now=AT, switches=()))
    shop.store.commit(admit(found, decision, policy, a_playbook(), before=None, at=AT))
    key = keys.incident(found.incident_id)
    return Incident.of(shop.store.read([key])[key])


def test_an_incident_that_was_never_started_is_started_once(workshop: Workshop) -> None:
    orphan = another(workshop)
    executions = Executions(**{workshop.incident_id: "RUNNING"})
    assert sweep_once(workshop, executions) == NOTHING | {"adopted": 1, "running": 1}
    assert [(said["name"], said["input"]) for said in executions.started] == [
        (orphan.id, f'{{"inc": "{orphan.id}", "v": 1}}')
    ]
    assert sweep_once(workshop, executions) == NOTHING | {"running": 2}
    assert len(executions.started) == 1


def test_what_a_dead_execution_left_open_is_escalated_and_its_subject_freed(workshop: Workshop) -> None:
    executions = Executions(**{workshop.incident_id: "TIMED_OUT"})
    assert sweep_once(workshop, executions) == NOTHING | {"ended": 1}
    last = workshop.records()[-1]
    assert (workshop.incident.state, last.kind, last.actor) == ("ESCALATED", "CLOSE", "sweep")
    assert last.body["reason"] == "its execution is TIMED_OUT and left it PLANNED; what was done is held"
    guard = keys.guard(workshop.incident.finding.subject.arn)
    assert "inc_id" not in workshop.store.read([guard])[guard]


def test_sweeping_twice_ends_nothing_twice(workshop: Workshop) -> None:
    executions = Executions(**{workshop.incident_id: "FAILED"})
    sweep_once(workshop, executions)
    before = workshop.records()
    assert sweep_once(workshop, executions) == NOTHING
    assert workshop.records() == before


def test_a_planned_incident_whose_execution_is_gone_is_not_started_again(workshop: Workshop) -> None:
    executions = Executions()
    assert sweep_once(workshop, executions) == NOTHING | {"ended": 1}
    assert executions.started == []


def test_an_incident_on_its_way_is_left_alone(workshop: Workshop) -> None:
    before = workshop.records()
    assert sweep_once(workshop, Executions(), seconds=60) == NOTHING
    assert workshop.records() == before


def test_one_that_cannot_be_looked_at_does_not_keep_the_others_waiting(workshop: Workshop) -> None:
    orphan = another(workshop)
    executions = Executions()
    executions.throttled = {workshop.incident_id}
    assert sweep_once(workshop, executions) == NOTHING | {"adopted": 1, "failed": 1}
    assert [said["name"] for said in executions.started] == [orphan.id]


@pytest.mark.parametrize("lacks", [{"st": "WAITING"}, {"policy_doc": '{"v": 2}'}, {"finding": "{"}, {"deadline": None}])
def test_one_that_another_version_wrote_does_not_keep_the_others_waiting(
    workshop: Workshop, lacks: dict[str, Any]
) -> None:
    for n in range(4):
        another(workshop, n)
    odd = keys.incident(workshop.incident_id)
    item = {name: value for name, value in (workshop.item(odd) | lacks).items() if value is not None}
    workshop.put(odd, **item)
    assert sweep_once(workshop, Executions()) == NOTHING | {"adopted": 4, "failed": 1}


def test_a_sweep_that_runs_out_of_time_leaves_the_rest_to_the_next(workshop: Workshop) -> None:
    workshop.clock.tick(minutes=3)
    little: Runtime[Sweep] = Runtime(SETTINGS, workshop.clients, workshop.clock, remaining=lambda: 5.0)
    assert sweep.handler.handler.handle({}, little) == NOTHING
    assert workshop.incident.state == "PLANNED"
