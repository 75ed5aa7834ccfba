"""Rehearsals: people are asked for an answer that acts on nothing; who answers is on record, silence is a ticket."""

import json
from typing import Any

import pytest

import control.rehearse
import control.switch
from edsr import pattern
from edsr.errors import Malformed, Transient
from edsr.notices import SYNTHETIC
from edsr.settings import Rehearse
from infra.config.channels import PagerDuty, Slack
from infra.parts.channels import pattern as taken
from tests import estate
from tests.asking import Answer, read, request
from tests.aws.conftest import Workshop
from tests.aws.test_people_are_told_once import People

GIVEN = Rehearse(**estate.TABLES.model_dump(), bus="edsr")
WAKES = PagerDuty(kind="pagerduty", secret="s", levels=("page",))
ALL = Slack(kind="slack", secret="s", channel="#edsr")


@pytest.fixture
def people(workshop: Workshop) -> People:
    """Whoever is told of it."""
    made = People(workshop.library)
    workshop.others["events"] = made
    return made


def weekly(shop: Workshop, does: str) -> Any:
    """A schedule's time has come."""
    return shop.call(control.rehearse.handler, GIVEN, do=does)


def answered(shop: Workshop, by: str = "ann") -> Answer:
    return read(shop.call(control.switch.handler, estate.ROUTE, **request(by, "/rehearsals")))


def reaches(channel: PagerDuty | Slack, notice: dict[str, Any]) -> bool:
    event = {"source": "edsr.notify", "detail-type": "Notice", "detail": {"v": 1, "data": notice}}
    return pattern.compile(taken(channel)).matches(event)


def test_every_channel_is_asked_and_nobody_is_woken(workshop: Workshop, people: People) -> None:
    weekly(workshop, "ask")
    (notice,) = people.told
    assert set(notice) == set(SYNTHETIC["data"])
    assert (notice["action"], notice["answer"]) == ("resolve", "edsr approvals rehearse")
    assert all(reaches(channel, notice) for channel in (WAKES, ALL))


def test_whoever_answers_is_on_record_and_nothing_else_happens(workshop: Workshop, people: People) -> None:
    before = workshop.incident, workshop.records()
    weekly(workshop, "ask")
    assert (answered(workshop).status, answered(workshop).status) == (200, 403), "one is asked for, and one is taken"
    workshop.clock.tick(days=1, minutes=15)
    assert weekly(workshop, "look") == {"missed": False}
    assert len(people.told) == 1
    asked, said = (record.body for record in workshop.controls())
    assert {body["switch"] for body in (asked, said)} == {"rehearsal"}
    assert [body["is"] for body in (asked, said)] == ["asked", "answered"]
    assert said["by"] == said["caller"] == f"arn:aws:iam::{estate.ACCOUNT}:user/ops/ann"
    assert (workshop.incident, workshop.records()) == before


def test_a_silence_is_a_ticket_until_the_next_one_and_no_page(workshop: Workshop, people: People) -> None:
    weekly(workshop, "ask")
    workshop.clock.tick(hours=23)
    assert weekly(workshop, "look") == {"missed": False}, "there is time yet"
    workshop.clock.tick(hours=2)
    assert weekly(workshop, "look")["missed"]
    ticket = people.told[-1]
    assert (ticket["action"], ticket["level"], "synthetic" in ticket) == ("trigger", "ticket", False)
    assert (reaches(WAKES, ticket), reaches(ALL, ticket)) == (False, True)
    assert answered(workshop).status == 403, "the time is over"
    weekly(workshop, "ask")
    assert (people.told[-1]["action"], people.told[-1]["notice"]) == ("resolve", ticket["notice"])
    assert answered(workshop).status == 200


def test_what_was_not_told_is_told_again_and_recorded_once(workshop: Workshop, people: People) -> None:
    people.down = True
    for _ in range(2):
        with pytest.raises(Transient):
            weekly(workshop, "ask")
    people.down = False
    weekly(workshop, "ask")
    assert len(people.told) == len(workshop.controls()) == 1
    workshop.clock.tick(days=2)
    people.down = True
    with pytest.raises(Transient):
        weekly(workshop, "look")
    people.down = False
    assert weekly(workshop, "look")["missed"]
    assert json.dumps(workshop.controls()[-1].body).count("missed") == 1


def test_nothing_is_answered_that_was_not_asked_nor_asked_that_is_not_known(workshop: Workshop, people: People) -> None:
    assert answered(workshop).status == 403
    with pytest.raises(Malformed):
        weekly(workshop, "dance")
    assert people.told == []
