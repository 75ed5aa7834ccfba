"""Every detector's way in: what is found is sent, what is ignored is counted, what cannot be read is quarantined."""

import json
from typing import Any

import pytest

import detect.detectors.cloudwatch
from edsr import settings
from edsr.errors import Transient
from edsr.model import Finding
from edsr.policy import Library
from edsr.ports import Client
from edsr.serve import Runtime
from tests import estate
from tests.aws.services import refusal
from tests.things import AT


class Queues:
    """An SQS that keeps what it is sent, or refuses it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.refuses: str | None = None

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """Only the queues are needed."""
        assert (service, mutating) == ("sqs", False)
        return self

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - botocore's names
        """Keep it."""
        if self.refuses:
            raise refusal(self.refuses)
        assert MessageBody.isprintable()
        assert len(MessageBody.encode()) <= 256 * 1024
        self.sent.append((QueueUrl, json.loads(MessageBody)))


@pytest.fixture
def queues() -> Queues:
    return Queues()


def take(queues: Queues, library: Library, said: Any) -> dict[str, str]:
    given = settings.Detect(findings_queue="findings", quarantine_queue="quarantine", state_table="edsr-state")
    runtime = Runtime(given, queues, estate.Clock(AT), lambda: library)
    answer: dict[str, str] = detect.detectors.cloudwatch.handler.handle(said, runtime)
    return answer


def rule(event: Any, **changes: Any) -> dict[str, Any]:
    return {"v": 1, "policy": "lambda-canary-rollback", "event": event} | changes


def alarm(**changes: Any) -> dict[str, Any]:
    return estate.event("cloudwatch/canary-alarm") | changes


def test_a_finding_is_sent_enriched_by_the_catalogue(queues: Queues, library: Library) -> None:
    answer = take(queues, library, rule(alarm(account=estate.ACCOUNT)))
    ((queue, body),) = queues.sent
    found = Finding.model_validate(body)
    assert queue == "findings"
    assert answer == {"finding": found.id, "incident": found.incident_id}
    assert (found.subject.service, found.subject.environment, found.origin) == ("checkout", "prod", "event")


def test_an_ignored_event_is_counted_and_sent_nowhere(
    queues: Queues, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    muted = take(queues, library, rule(estate.event("cloudwatch/composite-alarm-suppressed")))
    assert muted == {"ignored": "the alarm's actions are suppressed by Alarm"}
    assert queues.sent == []
    assert '"Ignored":[1.0]' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (rule(estate.event("cloudwatch/canary-alarm-without-timestamp")), "the event lacks detail.state.timestamp"),
        (rule(alarm(resources=[])), "the event's resources do not name the alarm"),
        (rule(alarm(account="1" * 13)), "no finding can be made of it"),
        (rule(alarm(), policy="nowhere"), "its policy cannot be read"),
        (rule(alarm(), policy="../services/checkout"), "its policy cannot be read"),
        (rule(alarm(), policy="a\0b"), "its policy cannot be read"),
        (rule(alarm(), policy=None), "its policy cannot be read"),
        (rule(alarm(), origin="nowhere"), "no finding can be made of it"),
        (rule(alarm(account=estate.ACCOUNT), step=0), "policy lambda-canary-rollback has no step 0"),
        (rule(alarm(), v=2), "the input is not"),
        (rule("text"), "the input is not"),
        ({}, "the input is not"),
        (alarm(), "the input is not"),
    ],
)
def test_what_cannot_be_read_is_quarantined_with_the_reason(
    queues: Queues, library: Library, said: Any, reason: str
) -> None:
    answer = take(queues, library, said)
    ((queue, kept),) = queues.sent
    assert queue == "quarantine"
    assert kept["reason"].startswith(reason)
    assert answer == {"quarantined": kept["reason"]}
    assert (kept["stage"], json.loads(kept["raw"])) == ("detect-cloudwatch", said)


@pytest.mark.parametrize("depth", [10, 100, 500, 900])
def test_an_event_nested_as_deeply_as_python_reads_it_is_quarantined_or_found(
    queues: Queues, library: Library, depth: int
) -> None:
    nested = json.loads("[" * depth + "]" * depth)
    take(queues, library, rule(alarm(detail=nested)))
    take(queues, library, rule(alarm(id=nested, account=estate.ACCOUNT)))
    assert [queue for queue, _ in queues.sent] == ["quarantine", "findings"]


def test_an_event_full_of_odd_text_is_sent_as_plain_ascii_safe_text(queues: Queues, library: Library) -> None:
    event = alarm(account=estate.ACCOUNT, id="\uffff\u0000\u202e\U0001f6d1")
    take(queues, library, rule(event))
    ((queue, body),) = queues.sent
    assert queue == "findings"
    assert Finding.model_validate(body).evidence["event_id"] == event["id"]


def test_a_queue_that_is_busy_is_transient_so_that_lambda_tries_again(queues: Queues, library: Library) -> None:
    queues.refuses = "ThrottlingException"
    for said in (rule(alarm()), rule({})):
        with pytest.raises(Transient):
            take(queues, library, said)
