"""Asking and answering, on a real task that waits: what is answered arrives once, whatever is lost on the way."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from moto import mock_aws
from moto.awslambda.models import LambdaFunction

import approve.handler
import sweep.handler
from edsr.errors import EdsrError, Malformed, Refused, Transient
from edsr.model import Kind, Mode, State
from edsr.policy import Library
from edsr.ports import Client
from edsr.protocol import keys
from edsr.settings import Sweep
from tests import estate
from tests.aws.conftest import Workshop, admitted
from tests.aws.services import refusal
from tests.policies import arn
from tests.things import AT, a_policy

ASK: dict[str, Any] = json.loads((estate.ROOT / "statemachines" / "remediate.asl.json").read_text())["States"][
    "RequestApproval"
]


@dataclass
class Office:
    """A shop whose plan has to be agreed to, and the machine's own state that asks, as an execution of its own."""

    shop: Workshop
    machine: str = ""
    lost: int = 0  # so many answers of the asking function are lost on their way to the machine
    states: Client = field(default_factory=lambda: estate.client("stepfunctions"))

    def invoke(self, body: str) -> dict[str, Any]:
        """The machine asks."""
        answer: dict[str, Any] = self.shop.call(approve.handler.handler, **json.loads(body))
        if self.lost:
            self.lost -= 1
            raise Transient("the answer was lost")
        return answer

    def start(self, tries: int = 1) -> "Office":
        """The execution runs until it waits for an answer to this try."""
        name = self.shop.incident_id
        self.states.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps({"inc": name}))
        self._wait(lambda: self.asking().get("token_attempt") == tries - 1)
        return self

    def asking(self, number: int = 1) -> dict[str, Any]:
        """What stands of an asking."""
        return self.shop.item(keys.approval(self.shop.incident_id, number))

    def answer(self, by: str = "ann", answer: str = "approve", digest: str | None = None) -> dict[str, Any]:
        """A person answers."""
        return self.shop.answer(by, digest or self.shop.incident.plan_digest, answer)

    def ended(self) -> dict[str, Any]:
        """How the execution ended."""
        self._wait(lambda: self.described()["status"] != "RUNNING")
        return self.described()

    def described(self) -> dict[str, Any]:
        """How it stands."""
        arn = self.machine.replace(":stateMachine:", ":execution:") + f":{self.shop.incident_id}"
        said: dict[str, Any] = self.states.describe_execution(executionArn=arn)
        return said

    def sweep(self, **later: float) -> dict[str, int]:
        """The sweep comes by."""
        self.shop.clock.tick(**later)
        given = Sweep(**estate.TABLES.model_dump(), machine=self.machine, findings_queue="edsr-findings")
        done: dict[str, int] = self.shop.call(sweep.handler.handler, given)
        return done

    @staticmethod
    def _wait(happened: Callable[[], bool]) -> None:
        for _ in range(400):
            if happened():
                return
            time.sleep(0.05)
        raise AssertionError("it never came to that")


@contextmanager
def opened(library: Library, **approval: Any) -> Iterator[Office]:
    """An office on moto, where state machines run."""
    with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}), pytest.MonkeyPatch.context() as patch:
        estate.one_at_a_time(patch)
        estate.make_tables()
        office = Office(admitted(library, estate.Clock(AT), a_policy(Mode.APPROVE, safeguards={"approval": approval})))
        patch.setattr(LambdaFunction, "invoke", lambda _self, body, _, headers: _invoked(office, body, headers))
        estate.make_function("edsr-approve", "def handle(event, context): ...")
        arn = f"arn:aws:lambda:{estate.REGION}:{estate.ACCOUNT}:function:edsr-approve"
        ask = {name: value for name, value in ASK.items() if name not in ("Catch", "Next")} | {"End": True}
        text = json.dumps({"StartAt": "Ask", "States": {"Ask": ask}}).replace("${ApproveFunction}", arn)
        role = estate.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        made = office.states.create_state_machine(name="edsr-remediate", definition=text, roleArn=role)
        office.machine = made["stateMachineArn"]
        yield office


def _invoked(office: Office, body: str, headers: Any) -> bytes:
    try:
        return json.dumps(office.invoke(body)).encode()
    except EdsrError as exc:
        headers["x-amz-function-error"] = "Unhandled"
        return json.dumps({"errorType": type(exc).__name__, "errorMessage": str(exc)}).encode()


@pytest.fixture
def office(library: Library, credentials: None) -> Iterator[Office]:  # noqa: ARG001 - moto needs some
    with opened(library) as made:
        yield made


def test_a_yes_reaches_the_task_that_waits_and_names_the_plan_and_who_agreed(office: Office) -> None:
    office.start()
    assert office.shop.incident.state is State.ASKED
    assert office.answer() == {"state": "APPROVED", "by": [arn("ann")], "need": 1}
    ended = office.ended()
    assert (ended["status"], office.shop.incident.state) == ("SUCCEEDED", State.APPROVED)
    assert office.asking()["delivered"] is True
    assert office.shop.kinds() == ["DECISION", "PLAN", "APPROVAL", "APPROVAL"]


def test_a_no_ends_it_as_a_guards_no(office: Office) -> None:
    office.start().answer(answer="reject")
    ended = office.ended()
    assert (ended["status"], ended["error"]) == ("FAILED", "Refused")
    assert office.shop.records()[-1].body["by"] == arn("ann")
    with pytest.raises(Refused, match="it was answered before: REJECTED"):
        office.answer(by="bob")


def test_the_same_answer_twice_is_one(office: Office) -> None:
    office.start()
    first = office.answer()
    assert office.answer() == first
    assert office.shop.kinds().count("APPROVAL") == 2
    with pytest.raises(Refused, match="is APPROVED: there is nothing to answer any more"):
        office.answer(answer="reject")


def test_an_answer_to_another_plan_is_refused_and_nothing_is_written(office: Office) -> None:
    office.start()
    before = office.shop.records()
    with pytest.raises(Refused, match="that answer is for plan eeeeeeeeeeee; asked about is"):
        office.answer(digest="e" * 64)
    with pytest.raises(Malformed, match="answer: Input should be 'approve' or 'reject'"):
        office.answer(answer="maybe")
    assert office.shop.records() == before
    assert office.asking()["st"] == "PENDING"


def test_two_different_people_have_to_agree_where_two_are_needed(library: Library, credentials: None) -> None:  # noqa: ARG001
    with opened(library, quorum=2) as office:
        office.start()
        assert office.answer() == {"state": "PENDING", "by": [arn("ann")], "need": 2}
        assert office.answer() == {"state": "PENDING", "by": [arn("ann")], "need": 2}, "the same person twice is one"
        assert office.described()["status"] == "RUNNING"
        assert office.answer(by="bob") == {"state": "APPROVED", "by": [arn("ann"), arn("bob")], "need": 2}
        assert office.ended()["status"] == "SUCCEEDED"


def test_no_answer_in_time_is_a_no_that_a_person_looks_at(office: Office) -> None:
    office.start()
    office.sweep(minutes=29)
    assert office.asking()["st"] == "PENDING"
    office.shop.clock.tick(minutes=1)
    with pytest.raises(Refused, match="the time to answer is over, and no answer means no"):
        office.answer()
    office.sweep(minutes=2)
    ended = office.ended()
    assert (ended["error"], office.asking()["st"]) == ("Expired", "EXPIRED")
    answers = [record.body.get("answer") for record in office.shop.records() if record.kind is Kind.APPROVAL]
    assert answers == [None, "expired"]


def test_a_task_that_is_tried_again_is_told_by_its_new_token_and_nobody_is_asked_twice(office: Office) -> None:
    office.lost = 1
    office.start(tries=2)
    assert office.shop.kinds().count("APPROVAL") == 1
    office.answer()
    assert office.ended()["status"] == "SUCCEEDED"
    assert office.asking()["delivered"] is True


def test_an_answer_that_came_before_the_task_was_tried_again_is_told_to_it_by_the_sweep(office: Office) -> None:
    """The person answered between the two tries: their word went to a token that nobody waits with any more."""
    token = office.start().asking()["task_token"]
    inc = office.shop.incident_id
    office.shop.call(approve.handler.handler, inc=inc, token="nobody-waits-with-this", attempt=1)
    office.answer()
    assert (office.asking()["delivered"], office.described()["status"]) == (True, "RUNNING")
    office.shop.call(approve.handler.handler, inc=inc, token=token, attempt=2)
    assert office.asking()["delivered"] is False
    office.sweep(minutes=3)
    assert office.ended()["status"] == "SUCCEEDED"
    assert office.asking()["delivered"] is True


class Throttled:
    """A Step Functions that takes no answers for now."""

    def __init__(self, states: Client) -> None:
        self.exceptions = states.exceptions

    def send_task_success(self, **_: Any) -> None:
        """Later."""
        raise refusal("ThrottlingException")


def test_an_answer_that_was_written_down_and_not_told_is_told_by_the_sweep(office: Office) -> None:
    office.start()
    office.shop.others["stepfunctions"] = Throttled(office.states)
    with pytest.raises(Transient):
        office.answer()
    assert (office.asking()["st"], office.asking()["delivered"]) == ("APPROVED", False)
    del office.shop.others["stepfunctions"]
    assert sum(office.sweep(seconds=1).values()) == 1, "it is looked after at once"
    assert office.ended()["status"] == "SUCCEEDED"


def test_the_same_person_who_answers_again_after_that_tells_the_task_too(office: Office) -> None:
    office.start()
    office.shop.others["stepfunctions"] = Throttled(office.states)
    with pytest.raises(Transient):
        office.answer()
    del office.shop.others["stepfunctions"]
    assert office.answer()["state"] == "APPROVED"
    assert office.ended()["status"] == "SUCCEEDED"


def test_what_has_ended_or_was_never_asked_about_cannot_be_answered(office: Office) -> None:
    with pytest.raises(Refused, match="nobody was asked about"):
        office.answer()
    office.start()
    office.shop.end("ESCALATED")
    with pytest.raises(Refused, match="is ESCALATED: there is nothing to answer any more"):
        office.answer()
