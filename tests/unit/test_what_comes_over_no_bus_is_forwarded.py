"""SNS messages and log lines become events: by their shape, each by itself, and never more than was sent."""

import base64
import gzip
import json
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.errors import Malformed, Transient
from edsr.serve import Runtime
from edsr.settings import Forward
from forward.handler import SOURCE, handler
from forward.lines import KEPT, UNPACKED, lines
from forward.notes import notes
from tests import estate
from tests.estate import ROOT
from tests.sources import became, found
from tests.things import AT

ACCOUNT = "000000000000"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
SHARED = ROOT.parent / "shared" / "data" / "events_other"


class Bus:
    """A bus that takes what it is given, or refuses the first so many."""

    def __init__(self, refused: int = 0) -> None:
        self.entries: list[dict[str, Any]] = []
        self.refused = refused

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 spells it
        self.entries += Entries
        failed = [{"ErrorCode": "ThrottlingException"}] * min(self.refused, len(Entries))
        self.refused -= len(failed)
        answers = [*failed, *({"EventId": str(number)} for number in range(len(Entries) - len(failed)))]
        return {"FailedEntryCount": len(failed), "Entries": answers}


class Queue:
    """A queue that keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803 - as boto3 spells it
        assert QueueUrl == "quarantine"
        self.messages.append(json.loads(MessageBody))


def forwarded(delivery: Any, bus: Bus, queue: Queue) -> Any:
    clients: Callable[..., Any] = {"events": bus, "sqs": queue}.__getitem__
    runtime = Runtime(Forward(bus="edsr", quarantine_queue="quarantine"), clients, lambda: AT)
    return handler.handle(delivery, runtime)


def note(message: Any, subject: str | None = None, **sns: Any) -> dict[str, Any]:
    """A record of an SNS delivery."""
    text = message if isinstance(message, str) else json.dumps(message)
    said: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": "95df01b4-0000-4000-8000-000000000001",
        "TopicArn": TOPIC,
    }
    said |= {"Subject": subject, "Message": text, "Timestamp": "2026-03-02T03:04:05.000Z"}
    return {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": said | sns}


def packed(told: Any, pack: Callable[[bytes], bytes] = gzip.compress) -> dict[str, Any]:
    """A delivery of CloudWatch Logs."""
    data = told if isinstance(told, bytes) else json.dumps(told).encode()
    return {"awslogs": {"data": base64.b64encode(pack(data)).decode()}}


def logged(*messages: Any, **said: Any) -> dict[str, Any]:
    told = {
        "messageType": "DATA_MESSAGE",
        "owner": ACCOUNT,
        "logGroup": "/aws/lambda/checkout",
        "logStream": "2026/03/02/[$LATEST]0a1b2c3d",
        "subscriptionFilters": ["errors"],
        "logEvents": [
            {"id": str(number), "timestamp": 1772420645123, "message": text} for number, text in enumerate(messages)
        ],
    }
    return packed(told | said)


def event(kind: str, detail: dict[str, Any]) -> dict[str, Any]:
    """What was made, as the bus delivers it."""
    about = {"source": SOURCE, "account": ACCOUNT, "region": "us-east-1", "time": "2026-03-02T03:04:06Z"}
    return {**about, "id": "1", "detail-type": kind, "resources": [], "detail": detail}


def signals(message: Any, subject: str | None = None) -> list[dict[str, Any]]:
    made = list(notes(note(message, subject)))
    assert {kind for kind, _ in made} <= {"EDSR Signal"}
    return [detail for _, detail in made]


ALERT = {
    "status": "firing",
    "labels": {"alertname": "HighErrorRate", "severity": "critical", "job": "checkout"},
    "annotations": {"summary": "5 % of requests fail"},
    "startsAt": "2026-03-02T03:04:05.123Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "https://prometheus.example.com/graph?g0.expr=x",
    "fingerprint": "5ef77f1f8a3ecb8d",
}
WEBHOOK = {"version": "4", "groupKey": "{}:{}", "status": "firing", "receiver": "edsr", "alerts": [ALERT]}


def test_each_alert_of_a_webhook_is_a_signal_by_its_fingerprint_and_beginning() -> None:
    other = ALERT | {"fingerprint": "0000000000000001", "status": "resolved"}
    first, second = signals(WEBHOOK | {"alerts": [ALERT, other]})
    assert (first["id"], first["state"]) == ("5ef77f1f8a3ecb8d 2026-03-02T03:04:05.123Z", "problem")
    assert (first["condition"], first["severity"]) == ("HighErrorRate", "critical")
    assert second["state"] == "ok"
    assert found("custom", event("EDSR Signal", first)).subject.arn == TOPIC
    assert became("custom", event("EDSR Signal", second)) == "ignored: it is well again"


def test_an_alert_that_names_a_resource_is_about_it() -> None:
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT}:orders"
    labels = ALERT["labels"] | {"arn": queue, "kind": "sqs:queue"}  # type: ignore[operator]
    (said,) = signals(WEBHOOK | {"alerts": [ALERT | {"labels": labels}]})
    subject = found("custom", event("EDSR Signal", said)).subject
    assert (subject.arn, subject.kind) == (queue, "sqs:queue")


@pytest.mark.parametrize("alerts", [[ALERT] * 101, [{}], [None], [ALERT | {"startsAt": "soon"}]])
def test_a_webhook_that_cannot_be_read_is_malformed(alerts: list[Any]) -> None:
    with pytest.raises((Malformed, ValueError)):
        signals(WEBHOOK | {"alerts": alerts})


def test_an_alert_of_splunk_is_a_signal_by_the_id_of_its_search() -> None:
    result = {"host": "web-1", "severity": "high", "count": 7}
    told = {"sid": "scheduler__admin__search_at_1772420640_1", "search_name": "Brute force", "result": result}
    (said,) = signals(told | {"app": "search", "owner": "admin", "results_link": "https://splunk.example.com/r"})
    assert (said["id"], said["condition"], said["severity"]) == (told["sid"], "Brute force", "high")
    assert said["labels"] == {"host": "web-1", "severity": "high"}


def test_an_alarm_over_sns_is_a_signal_and_its_end_is_too() -> None:
    told = {"AlarmName": "cpu", "NewStateValue": "ALARM", "StateChangeTime": "2026-03-02T03:04:05.123+0000"}
    (bad,) = signals(told)
    (good,) = signals(told | {"NewStateValue": "OK"})
    assert (bad["id"], bad["state"], good["state"]) == ("2026-03-02T03:04:05.123Z", "problem", "ok")


def test_a_budget_and_an_anomaly_are_told_as_they_stand() -> None:
    budget, anomaly = (
        estate.event("billing/budget-exceeded")["detail"],
        estate.event("billing/anomaly-over-sns")["detail"],
    )
    ((kind, detail),) = notes(note(budget["Message"], budget["Subject"]))
    assert became("billing", event(kind, detail)) == "finding: budgets:budget budget-actual"
    ((kind, detail),) = notes(note(anomaly))
    assert became("billing", event(kind, detail)) == "finding: ce:anomaly-monitor cost-anomaly"
    assert found("billing", event(kind, detail)).evidence["of"] == "Amazon Elastic Container Service"


def test_an_anomaly_is_one_finding_whether_it_comes_by_event_or_over_sns() -> None:
    by_event, over_sns = estate.event("billing/anomaly"), estate.event("billing/anomaly-over-sns")
    assert found("billing", by_event).id == found("billing", over_sns).id


def test_a_signal_is_told_as_it_stands() -> None:
    said = estate.event("custom/problem")["detail"]
    assert signals(said) == [said]


def test_any_other_message_is_about_its_topic() -> None:
    (said,) = signals("disk full\non host 7", "Host 7 in trouble")
    assert (said["condition"], said["subject"]["arn"], said["id"]) == (
        "Host 7 in trouble",
        TOPIC,
        "95df01b4-0000-4000-8000-000000000001",
    )
    (unnamed,) = signals("disk full\non host 7")
    assert unnamed["condition"] == "disk full"


def test_each_line_is_an_event_and_a_line_of_json_is_read() -> None:
    made = list(lines(logged("plain", '{"level": "ERROR", "message": "no"}', "{odd")))
    assert [kind for kind, _ in made] == ["CloudWatch Logs Event"] * 3
    assert [detail["value"] for _, detail in made] == [{}, {"level": "ERROR", "message": "no"}, {}]
    assert [found("logs", event(*one)).episode for one in made] == ["0", "1", "2"]


def test_a_line_that_holds_a_signal_is_that_signal() -> None:
    said = estate.event("custom/problem")["detail"]
    assert list(lines(logged(json.dumps({"edsr-signal": said})))) == [("EDSR Signal", said)]


def test_a_long_line_is_cut_and_says_so() -> None:
    ((_, detail),) = lines(logged('{"x": "' + "y" * KEPT + '"}'))
    assert (len(detail["message"]), detail["truncated"], detail["value"]) == (KEPT, True, {})


def test_the_message_by_which_the_way_is_tried_is_no_event() -> None:
    assert list(lines(logged("are you there?", messageType="CONTROL_MESSAGE"))) == []


BOMB = b'{"messageType": "' + b"A" * (8 * UNPACKED) + b'"}'


@pytest.mark.parametrize(
    ("delivery", "said"),
    [
        (packed(BOMB), "unpacks to more than"),
        (packed({"a": 1}, zlib.compress), "cannot be unpacked"),
        ({"awslogs": {"data": "%%%"}}, "cannot be unpacked"),
        ({"awslogs": {"data": packed({"a": 1})["awslogs"]["data"][:20]}}, "cut off"),
        ({"awslogs": {"data": 7}}, "is not text"),
        ({"awslogs": []}, "is not text"),
        (packed(b"[1]"), "is no object"),
        (packed(b"[" * 100_000), "cannot be unpacked"),
        (packed({"messageType": "DATA_MESSAGE"}), "holds no log events"),
        (packed({"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1"}]}), "has no message"),
    ],
)
def test_what_cannot_be_unpacked_is_quarantined_and_never_unpacked_further(delivery: Any, said: str) -> None:
    bus, queue = Bus(), Queue()
    assert forwarded(delivery, bus, queue) == {"forwarded": 0, "quarantined": 1}
    assert bus.entries == []
    assert said in queue.messages[0]["reason"]


def test_a_bomb_is_not_unpacked_beyond_its_bound() -> None:
    bomb = packed(BOMB)
    tracemalloc.start()
    try:
        with pytest.raises(Malformed):
            list(lines(bomb))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * UNPACKED


def test_one_message_that_cannot_be_read_holds_up_no_other() -> None:
    bus, queue = Bus(), Queue()
    told = {"Records": [note("disk full"), {"EventSource": "aws:sqs"}, note("again", MessageId=""), "odd"]}
    assert forwarded(told, bus, queue) == {"forwarded": 1, "quarantined": 3}
    assert [(entry["EventBusName"], entry["Source"]) for entry in bus.entries] == [("edsr", SOURCE)]
    assert [message["stage"] for message in queue.messages] == ["forward"] * 3


def test_what_the_bus_refuses_is_tried_again() -> None:
    with pytest.raises(Transient, match="1 of 25 events were not taken: ThrottlingException"):
        forwarded(logged(*["x"] * 25), Bus(refused=1), Queue())


def test_many_lines_are_put_on_the_bus_ten_at_a_time() -> None:
    bus = Bus()
    assert forwarded(logged(*["x"] * 25), bus, Queue()) == {"forwarded": 25, "quarantined": 0}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["alerts", "AlarmName", "NewStateValue", "sid", "search_name", "result", "v", "condition"])


@given(st.dictionaries(NAMES | st.text(max_size=5), ANYTHING, max_size=6) | ANYTHING)
def test_any_message_is_forwarded_or_quarantined(message: Any) -> None:
    bus, queue = Bus(), Queue()
    said = forwarded({"Records": [note(message)]}, bus, queue)
    assert said["quarantined"] == len(queue.messages)
    assert said["forwarded"] == len(bus.entries)
    assert said["forwarded"] or said["quarantined"] or message["alerts"] == []


@given(ANYTHING)
def test_any_delivery_at_all_is_forwarded_or_quarantined(told: Any) -> None:
    delivery = told if isinstance(told, dict) else {"Records": told}
    assert set(forwarded(delivery, Bus(), Queue())) == {"forwarded", "quarantined"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected real messages are not beside the repository")
@pytest.mark.parametrize(
    ("files", "said"),
    [
        ("lambda_triggers/sns*event*.json", {"forwarded": 1, "quarantined": 0}),
        ("lambda_triggers/cloudwatchlogevent*.json", {"forwarded": 2, "quarantined": 0}),
        ("lambda_triggers/cloudwatch-alarm-sns*.json", {"forwarded": 1, "quarantined": 0}),
        ("lambda_triggers/kinesis-event*.json", {"forwarded": 0, "quarantined": 2}),
    ],
)
def test_recorded_deliveries_are_forwarded(files: str, said: dict[str, int]) -> None:
    for file in _sns(sorted(SHARED.glob(files))):
        assert forwarded(json.loads(file.read_text()), Bus(), Queue()) == said, file.name


def _sns(files: list[Path]) -> list[Path]:
    assert files
    return [file for file in files if "sqs" not in file.name]
