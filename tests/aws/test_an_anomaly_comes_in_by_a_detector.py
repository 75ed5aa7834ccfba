"""A detector whose policy judges a number: it notes the series, sends what alarms, and counts what it began anew."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import detect.detectors.billing
from edsr import settings
from edsr.aws.notes import DynamoNotes
from edsr.policy import Library
from edsr.ports import Client
from edsr.protocol import keys
from edsr.serve import Runtime
from edsr.times import iso
from tests import estate
from tests.aws.test_an_event_is_taken_in import Queues
from tests.policies import library as shipped
from tests.policies import read, write
from tests.things import AT

MONITOR = estate.event("billing/anomaly")["detail"]["monitorArn"]


@dataclass
class Detecting:
    """The billing detector over a table, with queues that keep what they are sent."""

    library: Library
    queues: Queues = field(default_factory=Queues)

    def client(self, service: str, *, mutating: bool = False) -> Client:
        """The queues, or the table."""
        return self.queues if service == "sqs" else estate.client(service, mutating=mutating)

    def show(self, n: int, spent: Any) -> dict[str, str]:
        """An event of the n-th five minutes."""
        at = AT + n * timedelta(minutes=5)
        event = estate.event("billing/anomaly") | {"time": iso(at), "id": f"event-{n}"}
        event["detail"] |= {"anomalyId": f"anomaly-{n}", "impact": {"totalActualSpend": spent}}
        return self.take(event, at)

    def take(self, event: dict[str, Any], at: datetime) -> dict[str, str]:
        """What its function makes of an event."""
        given = settings.Detect(findings_queue="findings", quarantine_queue="quarantine", state_table="edsr-state")
        runtime = Runtime(given, self.client, estate.Clock(at), lambda: self.library)
        said = {"v": 1, "policy": "cost-spike", "event": event}
        answer: dict[str, str] = detect.detectors.billing.handler.handle(said, runtime)
        return answer


@pytest.fixture
def detecting(aws: None, tmp_path: Path) -> Detecting:  # noqa: ARG001 - moto has to answer first
    """The cost policy, changed to judge what was spent."""
    estate.make_tables()
    library = shipped(tmp_path)
    policy = read(tmp_path / "cost-spike.json")
    policy["detect"]["anomaly"] = {"value.$": "detail.impact.totalActualSpend"}
    write(tmp_path / "cost-spike.json", policy)
    return Detecting(library)


def test_what_alarms_is_sent_with_its_reason_and_what_is_usual_is_not(detecting: Detecting) -> None:
    for n in range(60):
        assert "ignored" in detecting.show(n, 100 + n % 3)
    answer = detecting.show(60, 900)
    ((queue, body),) = detecting.queues.sent
    assert (queue, body["id"]) == ("findings", answer["finding"])
    assert body["title"] == body["evidence"]["reason"]
    assert body["subject"]["arn"] == MONITOR


def test_an_event_without_the_number_is_quarantined(detecting: Detecting) -> None:
    assert detecting.show(0, None)["quarantined"].startswith("detect.anomaly: 'detail.impact.totalActualSpend' finds")
    assert [queue for queue, _ in detecting.queues.sent] == ["quarantine"]


def test_a_series_that_is_begun_anew_is_counted(detecting: Detecting, capsys: pytest.CaptureFixture[str]) -> None:
    notes, key = DynamoNotes(estate.client("dynamodb"), "edsr-state"), keys.series("cost-spike", MONITOR)
    detecting.show(0, 100)
    assert "BegunAnew" not in capsys.readouterr().out
    (item,) = notes.read([key]).values()
    assert notes.replace(key, item | {"state": b"garbage"}, item["ver"])
    assert detecting.show(1, 100)["ignored"].endswith("learning: 1 of 50 points")
    assert '"BegunAnew":[1.0]' in capsys.readouterr().out
    assert detecting.queues.sent == []
