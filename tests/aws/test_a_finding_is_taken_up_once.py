"""decide on DynamoDB, SQS and Step Functions: duplicates, races, poison, throttles, and how many calls each costs."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import boto3
import pytest

import decide.handler
from edsr.aws.items import typed
from edsr.aws.store import DynamoStore
from edsr.model import Finding, State
from edsr.policy import Library
from edsr.ports import Client
from edsr.protocol import keys
from edsr.protocol.incident import Incident
from edsr.serve import Runtime
from edsr.settings import Decide
from edsr.times import iso
from tests import estate, policies
from tests.aws.services import refusal
from tests.things import AT, a_finding, a_subject

MACHINE = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Wait", "Seconds": 1, "End": True}}})


@dataclass
class Desk:
    """decide, with clients of its own whose calls are counted."""

    library: Library
    machine: str
    quarantine: str
    clock: estate.Clock = field(default_factory=lambda: estate.Clock(AT))
    calls: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda operation: None  # noqa: ARG005
    made: dict[str, Client] = field(default_factory=dict)

    def clients(self, service: str, *, mutating: bool = False) -> Client:
        """A client that counts."""
        assert not mutating
        if service not in self.made:
            made = self.made[service] = boto3.client(service, region_name=estate.REGION)
            made.meta.events.register("before-call", self._called)
        return self.made[service]

    def _called(self, model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        self.before(model.name)

    def take(self, *bodies: str) -> list[int]:
        """Hand these messages over; gives the numbers of those that go back to the queue."""
        given = Decide(**estate.RATED.model_dump(mode="json"), machine=self.machine, quarantine_queue=self.quarantine)
        records = [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
        runtime = Runtime(given, self.clients, self.clock, lambda: self.library)
        answer = decide.handler.handler.handle({"Records": records}, runtime)
        return [int(failure["itemIdentifier"]) for failure in answer["batchItemFailures"]]

    def incident(self, found: Finding) -> Incident | None:
        """The incident of a finding, if there is one."""
        key = keys.incident(found.incident_id)
        item = DynamoStore(estate.client("dynamodb"), estate.TABLES).read([key]).get(key)
        return Incident.of(item) if item else None

    def executions(self) -> list[str]:
        """The names of what was started."""
        listed = estate.client("stepfunctions").list_executions(stateMachineArn=self.machine)["executions"]
        return [execution["name"] for execution in listed]

    def quarantined(self) -> list[dict[str, Any]]:
        """What is in the quarantine."""
        got = estate.client("sqs").receive_message(QueueUrl=self.quarantine, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in got.get("Messages", [])]


@pytest.fixture
def desk(aws: None, library: Library) -> Desk:  # noqa: ARG001 - moto has to answer first
    """The policy spares no error budget: what that costs is told in tests of its own."""
    policies.library(policies.folder_of(library), safeguards={})
    estate.make_tables()
    role = estate.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    made = estate.client("stepfunctions").create_state_machine(name="m", definition=MACHINE, roleArn=role)
    queue = estate.client("sqs").create_queue(QueueName="quarantine")["QueueUrl"]
    return Desk(library, made["stateMachineArn"], queue)


FOUND = a_finding()
BODY = FOUND.model_dump_json()


def another(n: int) -> Finding:
    return a_finding(subject=a_subject(arn=f"arn:aws:lambda:us-east-1:123456789012:function:f{n}:live"))


def test_a_finding_costs_three_calls_and_starts_one_execution(desk: Desk) -> None:
    assert desk.take(BODY) == []
    assert desk.calls == ["BatchGetItem", "TransactWriteItems", "StartExecution"]
    assert desk.executions() == [FOUND.incident_id]


def test_the_execution_is_told_nothing_but_its_incident(desk: Desk) -> None:
    desk.take(BODY)
    arn = desk.machine.replace(":stateMachine:", ":execution:") + f":{FOUND.incident_id}"
    said = estate.client("stepfunctions").describe_execution(executionArn=arn)["input"]
    assert json.loads(said) == {"inc": FOUND.incident_id, "v": 1}


def test_a_duplicate_costs_one_call(desk: Desk) -> None:
    desk.take(BODY)
    _planned(FOUND)
    desk.calls.clear()
    assert desk.take(BODY) == []
    assert desk.calls == ["BatchGetItem"]


def test_a_duplicate_in_the_same_batch_starts_no_second_execution(desk: Desk) -> None:
    assert desk.take(BODY, BODY, BODY) == []
    assert desk.executions() == [FOUND.incident_id]


def test_a_duplicate_that_races_costs_two_calls_and_finds_the_winners_incident(desk: Desk) -> None:
    twin = Desk(desk.library, desk.machine, desk.quarantine)

    def win(operation: str) -> None:
        if operation == "TransactWriteItems":
            desk.before = lambda _: None
            twin.take(BODY)
            _planned(FOUND)

    desk.before = win
    assert desk.take(BODY) == []
    assert desk.calls == ["BatchGetItem", "TransactWriteItems"]
    assert desk.executions() == [FOUND.incident_id]


def test_ten_at_once_admit_one(desk: Desk) -> None:
    barrier, failed = Barrier(10), []

    def run() -> None:
        twin = Desk(desk.library, desk.machine, desk.quarantine)
        twin.clients("dynamodb")
        barrier.wait()
        failed.extend(twin.take(BODY))

    threads = [Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert desk.executions() == [FOUND.incident_id]
    incident = desk.incident(FOUND)
    assert incident is not None
    assert (incident.state, incident.head.seq) == (State.DECIDED, 1)


def _planned(found: Finding) -> None:
    """As if the execution had gone on."""
    key = keys.incident(found.incident_id)
    estate.client("dynamodb").update_item(
        TableName="edsr-state",
        Key={"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}},
        UpdateExpression="SET st = :s",
        ExpressionAttributeValues={":s": {"S": "PLANNED"}},
    )


def test_an_incident_that_was_admitted_but_not_started_is_started_by_its_duplicate(desk: Desk) -> None:
    def fail(operation: str) -> None:
        if operation == "StartExecution":
            raise refusal("ThrottlingException")

    desk.before = fail
    assert desk.take(BODY) == [0]
    assert desk.executions() == []
    desk.before = lambda _: None
    assert desk.take(BODY) == []
    assert desk.executions() == [FOUND.incident_id]


def test_two_policies_on_one_subject_run_one_remediation(desk: Desk) -> None:
    other = a_finding(condition="another-alarm")
    assert desk.take(BODY, other.model_dump_json()) == []
    second = desk.incident(other)
    assert second is not None
    assert second.state is State.SUPPRESSED
    assert desk.executions() == [FOUND.incident_id]


POISON = {
    "not JSON": "{",
    "not an object": "[]",
    "no finding": "{}",
    "a float in the evidence": BODY.replace('"evidence":{', '"evidence":{"rate":1.5,'),
    "not a number": BODY.replace('"evidence":{', '"evidence":{"rate":NaN,'),
    "half a surrogate": BODY.replace('"evidence":{', '"evidence":{"a":"\\ud800",'),
    "nested deeply": BODY.replace('"evidence":{', '"evidence":{"a":' + "[" * 5000 + "]" * 5000 + ","),
    "a year that is none": BODY.replace("2026-03-02T03:04:30.000Z", "0001-01-01T00:00:00+23:59"),
    "a huge number": BODY.replace('"evidence":{', '"evidence":{"n":' + "9" * 5000 + ","),
    "a policy that is nowhere": a_finding(policy="nowhere").model_dump_json(),
    "a policy that is a path": a_finding(policy="../services/checkout").model_dump_json(),
    "a policy with a null in it": a_finding(policy="a\0b").model_dump_json(),
    "an unknown version": BODY.replace('"v":1', '"v":99'),
}


@pytest.mark.parametrize("why", POISON)
def test_one_message_that_nothing_can_mend_is_quarantined_and_the_others_are_taken(desk: Desk, why: str) -> None:
    assert desk.take(another(1).model_dump_json(), POISON[why], another(2).model_dump_json()) == []
    (kept,) = desk.quarantined()
    assert (kept["v"], kept["stage"], kept["raw"]) == (1, "decide", POISON[why])
    assert len(kept["sha256"]) == 64
    assert kept["reason"]
    assert all(desk.incident(another(n)) for n in (1, 2))


def test_a_number_that_dynamodb_cannot_hold_is_written_as_text(desk: Desk) -> None:
    huge = a_finding(evidence={"n": 10**60})
    assert desk.take(huge.model_dump_json()) == []
    incident = desk.incident(huge)
    assert incident is not None
    assert incident.finding.evidence == {"n": "1" + "0" * 60}


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InternalServerError", "AccessDeniedException", "ValidationException"]
)
def test_what_dynamodb_refuses_goes_back_to_the_queue_alone(desk: Desk, code: str) -> None:
    turns = iter([False, True, False])

    def fail(operation: str) -> None:
        if operation == "TransactWriteItems" and next(turns):
            raise refusal(code)

    desk.before = fail
    assert desk.take(*(another(n).model_dump_json() for n in range(3))) == [1]
    assert [bool(desk.incident(another(n))) for n in range(3)] == [True, False, True]


def test_an_incident_that_another_version_wrote_keeps_only_its_own_finding_waiting(desk: Desk) -> None:
    desk.take(BODY)
    key = keys.incident(FOUND.incident_id)
    estate.client("dynamodb").update_item(
        TableName="edsr-state",
        Key=typed({"pk": key.pk, "sk": key.sk}),
        UpdateExpression="SET policy_doc = :said",
        ExpressionAttributeValues=typed({":said": '{"v": 2}'}),
    )
    assert desk.take(another(1).model_dump_json(), BODY, another(2).model_dump_json()) == [1]
    assert desk.incident(another(2)) is not None


def test_a_quarantine_that_is_full_sends_its_message_back_alone(desk: Desk) -> None:
    def fail(operation: str) -> None:
        if operation == "SendMessage":
            raise refusal("ThrottlingException")

    desk.before = fail
    assert desk.take("{", BODY) == [0]
    assert desk.incident(FOUND)


def test_a_message_larger_than_the_quarantine_takes_is_kept_in_part(desk: Desk) -> None:
    assert desk.take("x" * 240_000) == []
    (kept,) = desk.quarantined()
    assert len(kept["raw"]) == 200_000


def test_a_policy_that_waits_for_two_acts_on_the_second_and_a_duplicate_is_no_second(
    desk: Desk, tmp_path: Path
) -> None:
    desk.library = policies.library(tmp_path / "patient", safeguards={"confirmations": {"count": 2}})
    second = a_finding(episode="2026-03-02T03:04:45.000Z")
    assert desk.take(BODY, BODY, BODY) == []
    assert desk.executions() == []
    assert desk.take(second.model_dump_json()) == []
    assert desk.executions() == [second.incident_id]


def test_a_storm_is_told_once_and_the_others_are_observed(desk: Desk, tmp_path: Path) -> None:
    calm = {"rate": {"max": 99}, "concurrency": {"max": 50}, "storm": {"subjects": 3}}
    desk.library = policies.library(tmp_path / "stormy", safeguards=calm)
    found = [another(n) for n in range(6)]
    assert desk.take(*(one.model_dump_json() for one in found)) == []
    states = [incident.state for one in found if (incident := desk.incident(one))]
    assert states == [State.DECIDED] * 2 + [State.ESCALATED] + [State.OBSERVED] * 3


def test_of_two_that_would_tell_of_a_storm_at_once_one_does(desk: Desk, tmp_path: Path) -> None:
    desk.library = policies.library(tmp_path / "stormy", safeguards={"storm": {"subjects": 2}})
    twin = Desk(desk.library, desk.machine, desk.quarantine)
    desk.take(another(0).model_dump_json())

    def win(operation: str) -> None:
        if operation == "TransactWriteItems":
            desk.before = lambda _: None
            twin.take(another(1).model_dump_json())

    desk.before = win
    assert desk.take(another(2).model_dump_json()) == []
    states = [incident.state for n in (1, 2) if (incident := desk.incident(another(n)))]
    assert states == [State.ESCALATED, State.OBSERVED]


def test_two_that_come_at_once_are_both_counted(desk: Desk, tmp_path: Path) -> None:
    desk.library = policies.library(tmp_path / "patient", safeguards={"confirmations": {"count": 2}})
    twin = Desk(desk.library, desk.machine, desk.quarantine)
    second = a_finding(episode="2026-03-02T03:04:45.000Z")

    def win(operation: str) -> None:
        if operation == "TransactWriteItems":
            desk.before = lambda _: None
            twin.take(second.model_dump_json())

    desk.before = win
    assert desk.take(BODY) == []
    assert desk.executions() == [FOUND.incident_id]
    assert desk.calls == ["BatchGetItem", "TransactWriteItems"] * 2 + ["StartExecution"]


@pytest.mark.parametrize(("mode", "first"), [("observe", State.OBSERVED), ("automatic", State.DECIDED)])
@pytest.mark.parametrize("step", [1, 3, -1, -7])
def test_an_alarm_that_flaps_is_one_incident(desk: Desk, tmp_path: Path, mode: str, first: State, step: int) -> None:
    desk.library = policies.library(tmp_path / mode, mode=mode)
    flaps = [AT - timedelta(minutes=n) for n in range(10)]
    found = [a_finding(episode=iso(when), observed_at=when) for when in flaps]
    arrivals = [found[n * step % 10] for n in range(20)]
    assert desk.take(*(one.model_dump_json() for one in arrivals)) == []
    states = [incident.state for one in found if (incident := desk.incident(one))]
    assert sorted(states) == sorted([first] + [State.SUPPRESSED] * 9)


def test_of_two_flaps_that_come_at_once_one_is_observed(desk: Desk, tmp_path: Path) -> None:
    desk.library = policies.library(tmp_path / "watching", mode="observe", safeguards={})
    twin = Desk(desk.library, desk.machine, desk.quarantine)
    second = a_finding(episode="2026-03-02T03:04:45.000Z")

    def win(operation: str) -> None:
        if operation == "TransactWriteItems":
            desk.before = lambda _: None
            twin.take(second.model_dump_json())

    desk.before = win
    assert desk.take(BODY) == []
    assert desk.calls == ["BatchGetItem", "TransactWriteItems"] * 2
    states = [incident.state for one in (FOUND, second) if (incident := desk.incident(one))]
    assert states == [State.SUPPRESSED, State.OBSERVED]
