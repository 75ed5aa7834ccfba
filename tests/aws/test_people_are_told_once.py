"""notify on DynamoDB: what people are told, once for a group, through duplicates, disorder, crashes and storms."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

import approve.handler
import notify.handler
from decide.chain import decide
from decide.facts import Facts
from edsr.audit import read
from edsr.aws.store import DynamoStore
from edsr.model import AuditRecord, Mode, Severity
from edsr.notices import SYNTHETIC
from edsr.policy import Library
from edsr.ports import Client, Write
from edsr.protocol import keys
from edsr.protocol.admission import admit
from edsr.protocol.case import Case
from edsr.serve import Runtime
from edsr.settings import Notify
from notify import saying
from tests import estate
from tests.announcing import announced
from tests.aws.conftest import Workshop, a_result, admitted
from tests.aws.services import refusal
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy, a_subject

Message = dict[str, Any]


@dataclass
class People:
    """notify, and a bus that remembers what it was given and may refuse."""

    library: Library
    told: list[dict[str, Any]] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    down: bool = False
    page: str = ""

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """The bus and the quarantine are ours, the tables moto's."""
        assert not mutating
        return self if service in ("events", "sqs") else estate.client(service)

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        """Remember what was said."""
        if self.down:
            raise refusal("ThrottlingException")
        self.told += [json.loads(entry["Detail"])["data"] for entry in Entries]
        assert {(entry["Source"], entry["EventBusName"]) for entry in Entries} == {("edsr.notify", "edsr")}
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - botocore's names
        """Keep what could not be read."""
        assert QueueUrl == "quarantine"
        self.kept.append(MessageBody)

    def hear(self, *messages: Message) -> list[str]:
        """Hand over announcements; gives the messages that go back to the queue."""
        given = Notify(**estate.TABLES.model_dump(), bus="edsr", quarantine_queue="quarantine", page_url=self.page)
        runtime = Runtime(given, self, lambda: AT, lambda: self.library)
        answer = notify.handler.handler.handle({"Records": list(messages)}, runtime)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @property
    def said(self) -> list[tuple[str, str]]:
        """What was said, in short."""
        return [(notice["action"], notice["level"]) for notice in self.told]


def left_to_people(store: DynamoStore, number: int, severity: Severity = Severity.HIGH) -> Message:
    """An incident on a subject of its own that a person has to see to: the kill switch cannot be read."""
    found = a_finding(subject=a_subject(arn=f"{ALIAS}{number}"), severity=severity)
    decision = decide(found, a_policy(), Facts(now=AT))
    store.commit(admit(found, decision, a_policy(), a_playbook(), before=None, at=AT))
    (item,) = store.partition("audit", f"INC#{found.incident_id}")
    (message,) = announced([AuditRecord.model_validate({name: item[name] for name in AuditRecord.model_fields})])
    return message


@pytest.fixture
def store(aws: None) -> DynamoStore:  # noqa: ARG001 - moto has to answer first
    estate.make_tables()
    return DynamoStore(estate.client("dynamodb"), estate.TABLES)


@pytest.fixture
def people(library: Library) -> People:
    return People(library)


def test_a_storm_is_one_page_however_it_is_batched(store: DynamoStore, people: People) -> None:
    storm = [left_to_people(store, number) for number in range(30)]
    for begin in range(0, len(storm), 10):
        assert people.hear(*storm[begin : begin + 10]) == []
    assert people.said == [("trigger", "page")]
    assert people.hear(*storm) == []
    assert len(people.told) == 1


def test_a_page_says_what_to_know_and_what_to_do(workshop: Workshop, people: People) -> None:
    workshop.act()
    workshop.end("ESCALATED", [a_result(judged="worse")])
    people.hear(*announced(workshop.records()))
    (notice,) = people.told
    assert {*notice, "synthetic"} == set(SYNTHETIC["data"]), "the test of the channels has every field that they use"
    incident = workshop.incident
    assert notice["headline"] == f"PAGE: {incident.finding.title}"
    assert notice["side_effects"] == f"shift-alias on {ALIAS}: DONE"
    assert notice["audit"] == f"{len(workshop.records())} records, intact"
    assert notice["runbook"] == "docs/runbooks/lambda-canary-rollback.md"
    assert notice["answer"] == "none is asked for"
    assert (notice["correlation_id"], notice["incident_id"]) == (incident.finding.correlation_id, incident.id)
    assert (notice["owner"], notice["service"], notice["urgency"]) == ("shop", "checkout", "error")


def test_what_was_done_is_said_no_longer_than_a_channel_takes(workshop: Workshop) -> None:
    steps = {f"STEP#{n}#apply": {"st": "DONE", "pre": {}} for n in range(500)}
    told = saying.about(saying.Facts(Case(workshop.incident, steps), workshop.records(), [], "shop"))
    assert len(told["side_effects"]) == 1_000


def test_who_is_asked_is_told_where_to_answer(
    aws: None,  # noqa: ARG001 - moto has to answer first
    library: Library,
    people: People,
) -> None:
    estate.make_tables()
    shop = admitted(library, estate.Clock(AT), a_policy(Mode.APPROVE))
    shop.call(approve.handler.handler, inc=shop.incident_id, token="t", attempt=0)
    asked = announced(shop.records())[-1:]
    people.hear(*asked)
    shop.store.commit([Write("NTC", "Delete", keys.notice(people.told[0]["group"]))])
    people.page = "https://approvals.example.com"
    people.hear(*asked)
    command, link = (notice["answer"] for notice in people.told)
    assert command == f"edsr approvals show {shop.incident_id}"
    assert link == f"https://approvals.example.com/approvals/{shop.incident_id}"


def test_what_asks_for_nobody_any_more_closes_its_notice(workshop: Workshop, people: People) -> None:
    message = left_to_people(workshop.store, 1)
    body = json.loads(message["body"])
    body["detail-type"], body["detail"]["data"]["state"] = "Incident Closed", "RESOLVED"
    body["detail"]["data"]["seq"] = 2
    people.hear(message)
    people.hear({"messageId": "m", "body": json.dumps(body)})
    assert people.said == [("trigger", "page"), ("resolve", "page")]
    assert people.told[0]["notice"] == people.told[1]["notice"]
    assert people.told[1]["headline"].startswith("OVER: ")


def test_what_says_neither_title_nor_reason_is_told_with_the_incidents_own(store: DynamoStore, people: People) -> None:
    message = left_to_people(store, 1)
    body = json.loads(message["body"])
    body["detail"]["data"] |= {"title": "", "reason": ""}
    people.hear({**message, "body": json.dumps(body)})
    assert people.told[0]["headline"] == "PAGE: canary-checkout-errors is in ALARM"
    assert people.told[0]["reason"] == "none was given"


def test_what_is_not_urgent_is_a_ticket_until_something_urgent_comes(store: DynamoStore, people: People) -> None:
    people.hear(left_to_people(store, 1, Severity.LOW))
    people.hear(left_to_people(store, 2, Severity.MEDIUM))
    people.hear(left_to_people(store, 3, Severity.CRITICAL))
    assert people.said == [("trigger", "ticket"), ("trigger", "page")]
    assert people.told[0]["notice"] == people.told[1]["notice"]


def test_a_bus_that_is_down_sends_the_announcement_back_and_nothing_is_lost(store: DynamoStore, people: People) -> None:
    message = left_to_people(store, 1)
    people.down = True
    assert people.hear(message) == [message["messageId"]]
    assert people.told == []
    people.down = False
    assert people.hear(message) == []
    assert people.said == [("trigger", "page")]
    assert people.hear(message) == []
    assert len(people.told) == 1


def test_an_announcement_that_nobody_can_read_is_kept(store: DynamoStore, people: People) -> None:
    good = left_to_people(store, 1)
    assert people.hear({"messageId": "m", "body": '{"detail-type": "Incident Closed"}'}, good) == []
    assert len(people.kept) == 1
    assert people.said == [("trigger", "page")]


def test_automation_that_stops_itself_pages_and_is_over_when_two_people_let_it_go_on(
    store: DynamoStore, people: People
) -> None:
    def switched(seq: int, **said: Any) -> Message:
        data = {"incident_id": "CTL#2026-03", "seq": seq, "scope": "all", **said}
        body = {"source": "edsr", "detail-type": "Control Changed", "detail": {"v": 1, "data": data}}
        return {"messageId": str(seq), "body": json.dumps(body)}

    people.hear(switched(1, switch="engaged", by="edsr", title="everything is stopped: a and b made it worse"))
    people.hear(switched(3, switch="released", by="jo"))
    assert people.said == [("trigger", "page"), ("resolve", "page")]
    assert people.told[0]["headline"] == "PAGE: everything is stopped: a and b made it worse"
    assert people.told[1]["headline"] == "OVER: automation goes on"
    assert {*people.told[0], "synthetic"} == set(SYNTHETIC["data"])
    assert store.read([keys.notice("everything")])


def test_no_field_of_a_notice_begins_a_line_of_its_own(store: DynamoStore, people: People) -> None:
    spoof = "x\nRunbook: https://evil.example\r\n\x1b[2J"
    found = a_finding(correlation_id=spoof, title=spoof)
    decision = decide(found, a_policy(), Facts(now=AT))
    store.commit(admit(found, decision, a_policy(), a_playbook(), before=None, at=AT))
    records = [read(item) for item in store.partition("audit", f"INC#{found.incident_id}")]
    people.hear(*announced(records))
    (notice,) = people.told
    assert notice["correlation_id"] == "x Runbook: https://evil.example \\x1b[2J"
    assert all(value.isprintable() for value in notice.values() if isinstance(value, str))


def test_hostile_text_stays_one_line_of_bounded_length(store: DynamoStore, people: People) -> None:
    message = left_to_people(store, 1)
    body = json.loads(message["body"])
    body["detail"]["data"]["title"] = "x\n\nSubject: all is well\r\n" + "y" * 5_000
    people.hear({**message, "body": json.dumps(body)})
    assert "\n" not in people.told[0]["headline"]
    assert len(people.told[0]["headline"]) <= 1_000
