"""decide told that it is over: what was not begun ends and pages nobody, what runs is left to its probes."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import decide.handler
from edsr.errors import Refused
from edsr.model import Finding, Kind, State
from edsr.policy import Library
from edsr.protocol import keys
from edsr.recovery import Recovery
from edsr.settings import Decide
from tests import estate, policies
from tests.aws.conftest import Workshop
from tests.aws.services import refusal
from tests.aws.test_a_finding_is_taken_up_once import Desk, desk
from tests.aws.test_a_person_is_asked_and_their_answer_arrives import Office, opened
from tests.things import ALARM, AT, a_finding, a_subject

__all__ = ["desk"]
ME = "lambda-canary-rollback"
FOUND = a_finding()
SINCE = "2026-03-02T03:04:30.000Z"


def over(seconds: int = 20, **changes: Any) -> str:
    """The message that the canary's alarm is back to OK, so long after it began, half a minute before AT."""
    said = {"policy": ME, "source": "cloudwatch", "subject": a_subject(), "condition": ALARM, "detected_at": AT}
    at = AT + timedelta(seconds=seconds - 30)
    made = Recovery.model_validate({**said, "same": {"alarm": ALARM}, "observed_at": at, **changes})
    return json.dumps({"v": 1, "recovery": made.model_dump(mode="json")})


def told(shop: Workshop, body: str, machine: str = "m") -> list[dict[str, str]]:
    """decide takes the message; gives those that go back to the queue."""
    given = Decide(**estate.RATED.model_dump(mode="json"), machine=machine, quarantine_queue="q")
    answer = shop.call(decide.handler.handler, given, Records=[{"messageId": "1", "body": body}])
    failed: list[dict[str, str]] = answer["batchItemFailures"]
    return failed


def standing(desk: Desk, found: Finding = FOUND) -> State | None:
    incident = desk.incident(found)
    return incident.state if incident else None


def test_what_was_planned_is_ended_as_recovered_and_its_subject_is_free(workshop: Workshop) -> None:
    assert told(workshop, over()) == []
    assert workshop.incident.state is State.ABORTED
    last = workshop.records()[-1]
    assert (last.kind, last.body["recovered"]) == (Kind.CLOSE, True)
    assert last.body["reason"] == "recovered by itself at 2026-03-02T03:04:50.000Z, 20 s after it began"
    assert "inc_id" not in workshop.item(keys.guard(workshop.target))
    with pytest.raises(Refused, match="ABORTED"):
        workshop.act()


@pytest.mark.parametrize(
    "body",
    [
        over(-1),
        over(0),
        over(condition="another alarm"),
        over(policy="another"),
        over(same={"alarm": "another"}),
        over(subject=a_subject(arn="arn:aws:lambda:us-east-1:000000000000:function:basket:live")),
    ],
    ids=["before", "at the same moment", "condition", "policy", "what tells it from others", "subject"],
)
def test_what_is_not_its_end_changes_nothing(workshop: Workshop, body: str) -> None:
    assert told(workshop, body) == []
    assert (workshop.incident.state, workshop.kinds()) == (State.PLANNED, ["DECISION", "PLAN"])


def test_what_has_begun_is_left_to_its_probes(workshop: Workshop) -> None:
    workshop.act()
    before = workshop.kinds()
    assert told(workshop, over()) == []
    assert (workshop.incident.state, workshop.kinds()) == (State.RUNNING, before)


def test_that_it_is_over_is_said_once_however_often_and_in_whatever_order_it_comes(workshop: Workshop) -> None:
    for seconds in (20, 20, 25, 10):
        assert told(workshop, over(seconds)) == []
    assert workshop.kinds() == ["DECISION", "PLAN", "CLOSE"]


def test_what_began_before_it_was_over_is_only_written_down_though_it_comes_later(desk: Desk) -> None:
    assert desk.take(over(), FOUND.model_dump_json()) == []
    assert standing(desk) is State.OBSERVED
    assert desk.executions() == []


def test_what_begins_after_it_was_over_is_acted_on(desk: Desk) -> None:
    anew = a_finding(episode="2026-03-02T03:04:55.000Z", observed_at=AT - timedelta(seconds=5))
    assert desk.take(over(), anew.model_dump_json()) == []
    assert standing(desk, anew) is State.DECIDED


def test_what_the_sweep_sees_began_when_its_producer_says(desk: Desk) -> None:
    swept = a_finding(origin="sweep", episode=SINCE, observed_at=AT)
    assert desk.take(over(), swept.model_dump_json()) == []
    assert standing(desk, swept) is State.OBSERVED


def test_it_is_over_between_look_and_admission(desk: Desk) -> None:
    told_of: list[str] = []

    def meanwhile(operation: str) -> None:
        if operation == "TransactWriteItems" and not told_of:
            told_of.append(operation)
            assert Desk(desk.library, desk.machine, desk.quarantine).take(over()) == []

    desk.before = meanwhile
    assert desk.take(FOUND.model_dump_json()) == []
    assert standing(desk) is State.OBSERVED
    assert desk.executions() == []


def test_of_what_was_only_observed_the_chain_says_once_that_it_is_over(desk: Desk) -> None:
    policies.library(policies.folder_of(desk.library), mode="observe")
    assert desk.take(FOUND.model_dump_json(), over(20), over(20), over(25)) == []
    assert standing(desk) is State.OBSERVED
    shop = Workshop(desk.library, FOUND.incident_id)
    last = shop.records()[-1]
    assert shop.kinds() == ["DECISION", "CLOSE"]
    assert (last.body["state"], last.body["recovered"]) == ("OBSERVED", True)
    assert "20 s after it began" in last.body["reason"]


def test_what_cannot_be_read_is_quarantined(desk: Desk) -> None:
    assert desk.take('{"v": 1, "recovery": {}}', '{"v": 1, "recovery": nothing') == []
    assert len(desk.quarantined()) == 2


@pytest.fixture
def office(library: Library, credentials: None) -> Iterator[Office]:  # noqa: ARG001 - moto needs some
    with opened(library) as made:
        yield made.start()


def test_a_task_that_waits_for_an_answer_is_told_that_none_is_needed(office: Office) -> None:
    assert told(office.shop, over(40), office.machine) == []
    assert office.shop.incident.state is State.ABORTED
    ended = office.ended()
    assert (ended["status"], ended["error"]) == ("FAILED", "Refused")
    assert office.asking()["delivered"] is True
    with pytest.raises(Refused):
        office.answer()


def test_a_task_is_told_though_it_could_not_be_told_at_once(office: Office) -> None:
    right = office.shop.others

    class Throttled:
        exceptions = estate.client("stepfunctions").exceptions

        def send_task_failure(self, **_: Any) -> None:
            raise refusal("ThrottlingException", 400)

    office.shop.others = {"stepfunctions": Throttled()}
    assert told(office.shop, over(40), office.machine) == [{"itemIdentifier": "1"}]
    assert office.shop.incident.state is State.ABORTED
    assert office.described()["status"] == "RUNNING"
    office.shop.others = right
    assert told(office.shop, over(40), office.machine) == []
    assert office.ended()["error"] == "Refused"
    assert [record.kind for record in office.shop.records()].count(Kind.CLOSE) == 1


def test_what_was_agreed_to_is_not_begun_any_more(office: Office) -> None:
    assert office.answer()["state"] == "APPROVED"
    assert told(office.shop, over(40), office.machine) == []
    assert office.shop.incident.state is State.ABORTED
    with pytest.raises(Refused, match="ABORTED"):
        office.shop.act()
