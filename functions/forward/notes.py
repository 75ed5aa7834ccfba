"""Notes: what an SNS message says, by its shape: budgets and anomalies as they stand, all else as signals."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from edsr.errors import Malformed
from edsr.signal import ANOMALY, BUDGET, DETAIL_TYPE, Signal
from forward.alerts import alertmanager, cloudwatch, splunk

Made = tuple[str, dict[str, Any]]


class Note(NamedTuple):
    """An SNS message: by which topic, its id there, when, and what it says; `value` where that is a JSON object."""

    topic: str
    id: str
    at: str
    subject: str
    text: str
    value: dict[str, Any]


def notes(record: dict[str, Any]) -> Iterator[Made]:
    """The events that a message becomes: one, or one for each alert in it. Malformed when it is no SNS message."""
    sns = record.get("Sns")
    if record.get("EventSource") != "aws:sns" or not isinstance(sns, dict):
        raise Malformed("it is neither an SNS message nor a delivery of CloudWatch Logs")
    said = {name: sns.get(name) for name in ("TopicArn", "MessageId", "Timestamp", "Message")}
    if odd := [name for name, value in said.items() if not isinstance(value, str) or not value]:
        raise Malformed(f"the message lacks {', '.join(odd)}")
    subject = sns.get("Subject") if isinstance(sns.get("Subject"), str) else ""
    text = str(said["Message"])
    note = Note(str(said["TopicArn"]), str(said["MessageId"]), str(said["Timestamp"]), str(subject), text, _value(text))
    yield from next(adapt for fits, adapt in SHAPES if fits(note))(note)


def _value(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _budget(note: Note) -> Iterator[Made]:
    told = {"Subject": note.subject, "Message": note.text, "TopicArn": note.topic, "MessageId": note.id}
    yield BUDGET, {**told, "Timestamp": note.at}


def _anomaly(note: Note) -> Iterator[Made]:
    yield ANOMALY, note.value


def _signal(note: Note) -> Iterator[Made]:
    yield DETAIL_TYPE, note.value


def _alertmanager(note: Note) -> Iterator[Made]:
    for signal in alertmanager(note.value, note.topic):
        yield DETAIL_TYPE, signal


def _cloudwatch(note: Note) -> Iterator[Made]:
    yield DETAIL_TYPE, cloudwatch(note.value, note.topic)


def _splunk(note: Note) -> Iterator[Made]:
    yield DETAIL_TYPE, splunk(note.value, note.topic, note.at)


def _plain(note: Note) -> Iterator[Made]:
    """Any other message: it is about its topic, and its subject, or else its first line, says what is wrong."""
    first = (note.subject or next(iter(note.text.split("\n")), "")).strip()
    signal = Signal.model_validate(
        {
            "v": 1,
            "id": note.id,
            "condition": first[:256] or "message",
            "subject": {"arn": note.topic, "kind": "sns:topic"},
            "at": note.at,
            "title": first[:512],
            "labels": {"message": note.text[:1024]},
        }
    )
    yield DETAIL_TYPE, signal.model_dump(mode="json")


SHAPES: tuple[tuple[Callable[[Note], bool], Callable[[Note], Iterator[Made]]], ...] = (
    (lambda note: "Budget Name:" in note.text and "Alert Threshold:" in note.text, _budget),
    (lambda note: "anomalyId" in note.value and "monitorArn" in note.value, _anomaly),
    (lambda note: note.value.get("v") == 1 and {"condition", "subject", "id"} <= set(note.value), _signal),
    (lambda note: isinstance(note.value.get("alerts"), list), _alertmanager),
    (lambda note: "AlarmName" in note.value and "NewStateValue" in note.value, _cloudwatch),
    (lambda note: "sid" in note.value and "search_name" in note.value, _splunk),
    (lambda _: True, _plain),
)
"""The first that fits is taken."""
