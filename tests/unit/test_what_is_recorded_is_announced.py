"""What each kind of audit record says on the bus, so that a person need not look anything up."""

from typing import Any

import pytest

from decide.chain import CHAIN, decide
from decide.facts import Facts
from edsr import audit
from edsr.model import AuditRecord, Kind
from edsr.protocol.admission import body_of
from record.announce import DETAIL_TYPES, announcement, detail_type
from tests.things import AT, a_finding, a_policy


def a_record(kind: Kind, body: dict[str, Any]) -> AuditRecord:
    return audit.link(audit.START, "i-1", kind, body, actor="test", at=AT, mode="automatic")


def test_an_intent_is_not_announced_and_everything_else_is() -> None:
    assert set(Kind) - set(DETAIL_TYPES) == {Kind.INTENT}
    assert announcement(a_record(Kind.INTENT, {})) is None


@pytest.mark.parametrize(
    ("body", "told"), [({"asked": 1}, "Approval Requested"), ({"asked": 1, "answer": "approved"}, "Approval Answered")]
)
def test_who_is_asked_and_what_was_answered_are_told_apart(body: dict[str, Any], told: str) -> None:
    assert detail_type(a_record(Kind.APPROVAL, body)) == told


@pytest.mark.parametrize("kind", sorted(set(DETAIL_TYPES) - {Kind.DECISION, Kind.SUPPRESSED}))
def test_a_record_is_announced_as_it_is_with_its_place_in_the_chain(kind: Kind) -> None:
    assert announcement(a_record(kind, {"correlation_id": "c-1", "said": "so"})) == {
        "v": 1,
        "correlation_id": "c-1",
        "data": {
            "incident_id": "i-1",
            "seq": 1,
            "at": "2026-03-02T03:05:00.000Z",
            "mode": "automatic",
            "correlation_id": "c-1",
            "said": "so",
        },
    }


@pytest.mark.parametrize("kind", [Kind.DECISION, Kind.SUPPRESSED])
def test_a_decision_says_why_in_one_sentence(kind: Kind) -> None:
    found, policy = a_finding(), a_policy()
    decision = decide(found, policy, Facts(now=AT, switches=("all",), latched=True))
    said = announcement(a_record(kind, body_of(found, decision)))
    assert said is not None
    assert said["correlation_id"] == found.incident_id
    assert said["data"]["verdict"] == "suppress"
    assert said["data"]["reason"] == ("engaged for all; repair and undo went in circles: a person must release it")
    assert said["data"]["finding"]["id"] == found.id
    assert said["data"]["subject"] == found.subject.arn
    assert len(said["data"]["rows"]) == len(CHAIN)


def test_a_decision_that_nothing_spoke_against_says_so() -> None:
    found = a_finding()
    decision = decide(found, a_policy(), Facts(now=AT, switches=()))
    said = announcement(a_record(Kind.DECISION, body_of(found, decision)))
    assert said is not None
    assert said["data"]["reason"] == "every gate allowed it"


def test_a_record_without_correlation_id_is_correlated_by_its_incident() -> None:
    said = announcement(a_record(Kind.CONTROL, {"scope": "all"}))
    assert said is not None
    assert said["correlation_id"] == "i-1"


def test_what_pages_show_begins_no_line_of_its_own() -> None:
    spoof = "x\nRunbook: https://evil.example\r\u202e"
    said = announcement(a_record(Kind.CLOSE, {"title": spoof, "context": spoof, "reason": "r", "took_ms": 1}))
    assert said is not None
    assert said["data"]["title"] == said["data"]["context"] == "x Runbook: https://evil.example \\u202e"
    found = a_finding(title=spoof)
    said = announcement(a_record(Kind.DECISION, body_of(found, decide(found, a_policy(), Facts(now=AT)))))
    assert said is not None
    assert said["data"]["title"].isprintable()
    assert said["data"]["finding"]["title"] == spoof, "the record itself says what was said"
