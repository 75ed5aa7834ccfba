"""A group is worked out of a finding alone: what its producer says, or its service, kind and quarter of an hour."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import tell
from cli.incidents import grouped, summary
from decide.chain import decide
from decide.facts import Facts
from edsr.audit import Head
from edsr.model import Finding, Kind, State
from edsr.protocol.admission import admit, body_of
from edsr.protocol.brief import Brief
from edsr.protocol.grouping import group_of
from edsr.protocol.incident import Move, advance
from record.announce import announcement
from tests.things import AT, a_finding, a_playbook, a_policy, a_subject, an_incident
from tests.unit.attempts import a_brief, by_label
from tests.unit.test_what_is_recorded_is_announced import a_record

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GROUP = "checkout/lambda:alias/2026-03-02T03:00:00.000Z"


@pytest.mark.parametrize(
    ("correlation", "group"),
    [
        ("deploy-7", "deploy-7"),
        (f"00-{TRACE}-00f067aa0ba902b7-01", TRACE),
        (f"00-{TRACE}-53995c3f42cd8ad8-00", TRACE),
        ("00-short-1-01", "00-short-1-01"),
    ],
)
def test_what_the_producer_says_belongs_together_does(correlation: str, group: str) -> None:
    assert group_of(a_finding(correlation_id=correlation)) == group


@pytest.mark.parametrize(
    ("changes", "group"),
    [
        ({}, GROUP),
        ({"subject": a_subject(arn="arn:aws:lambda:us-east-1:123456789012:function:pay:live")}, GROUP),
        ({"policy": "another", "condition": "another-alarm"}, GROUP),
        ({"observed_at": AT.replace(minute=14, second=59)}, GROUP),
        ({"observed_at": AT.replace(minute=15)}, "checkout/lambda:alias/2026-03-02T03:15:00.000Z"),
        ({"subject": a_subject(kind="sqs:queue")}, "checkout/sqs:queue/2026-03-02T03:00:00.000Z"),
        ({"subject": a_subject(service=None)}, "none/lambda:alias/2026-03-02T03:00:00.000Z"),
    ],
)
def test_else_what_is_seen_of_a_kind_of_a_service_at_one_time_does(changes: dict[str, Any], group: str) -> None:
    assert group_of(a_finding(**changes)) == group


@given(late=st.timedeltas(timedelta(0), timedelta(days=14)), origin=st.sampled_from(["event", "sweep"]))
def test_every_copy_has_the_same_group_whenever_and_however_it_comes(late: timedelta, origin: str) -> None:
    assert group_of(a_finding(detected_at=AT + late, origin=origin)) == GROUP


def told(found: Finding) -> Any:
    decision = decide(found, a_policy(), Facts(now=AT, switches=()))
    return announcement(a_record(Kind.DECISION, body_of(found, decision)))


def test_an_incident_its_records_and_its_announcements_carry_it() -> None:
    found = a_finding()
    decision = decide(found, a_policy(), Facts(now=AT, switches=()))
    writes = by_label(admit(found, decision, a_policy(), a_playbook(), before=None, at=AT))
    assert (writes["INC"].item or {})["group"] == GROUP
    assert (writes["REC"].item or {})["body"]["group"] == GROUP
    assert told(found)["data"]["group"] == GROUP
    move = Move(State.ABORTED, Kind.CLOSE, {"reason": "so"}, actor="close", at=AT, when=(State.DECIDED,))
    (_, record), _ = advance(a_brief(), Head(1, "a" * 64), move)
    body = (record.item or {})["body"]
    assert body["group"] == GROUP
    closed = announcement(a_record(Kind.CLOSE, body))
    assert closed is not None
    assert closed["data"]["group"] == GROUP


def test_an_execution_from_before_there_were_groups_goes_on() -> None:
    before = {name: said for name, said in a_brief().model_dump(mode="json").items() if name != "group"}
    move = Move(State.ABORTED, Kind.CLOSE, {}, actor="close", at=AT, when=(State.DECIDED,))
    (_, record), _ = advance(Brief.model_validate(before), Head(1, "a" * 64), move)
    assert "group" not in (record.item or {})["body"]


def test_people_see_what_belongs_together_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    pay = a_finding(subject=a_subject(arn="arn:aws:lambda:us-east-1:123456789012:function:pay:live"))
    those = [
        an_incident(),
        an_incident(finding=pay, state=State.ESCALATED),
        an_incident(finding=a_finding(correlation_id="deploy-7")),
    ]
    assert summary(those[0])["group"] == GROUP
    tell.groups(grouped(those), json=True)
    said = json.loads(capsys.readouterr().out)
    assert [(one["group"], len(one["incidents"])) for one in said] == [(GROUP, 2), ("deploy-7", 1)]
    tell.groups(grouped(those), json=False)
    assert "2 groups" in capsys.readouterr().out
