"""Recorded events: lines, arrays, objects, trail files, pipes and folders; plain or packed; broken parts told."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cli.errors import Unavailable
from cli.policy.backtest.envelope import NotAnEvent, event_of, only_reads
from cli.policy.backtest.recorded import Recording
from tests.cli.commands import MORNING
from tests.estate import ROOT, event

ALARM = event("cloudwatch/canary-alarm")
SHARED = ROOT.parent / "shared" / "data"


def a_record(**changes: Any) -> dict[str, Any]:
    """What a trail writes for one call."""
    said = {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateAlias20150331", "eventID": "e-1"}
    said |= {"eventTime": "2026-03-02T03:00:00Z", "awsRegion": "eu-west-1", "recipientAccountId": "123456789012"}
    return {**said, "eventType": "AwsApiCall", "eventCategory": "Management", "readOnly": False, **changes}


def read(file: Path, content: str | bytes) -> tuple[list[dict[str, Any]], Recording]:
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    recording = Recording(str(file))
    events = list(recording)
    assert recording.done == recording.size
    return events, recording


FORMS = {
    "lines": "\n".join(json.dumps(ALARM) for _ in range(3)),
    "lines with blank ones between": "\n\n".join(json.dumps(ALARM) for _ in range(3)) + "\n\n",
    "an array on one line": json.dumps([ALARM] * 3),
    "an array laid out": json.dumps([ALARM] * 3, indent=2),
    "objects laid out one after the other": "\n".join(json.dumps(ALARM, indent=2) for _ in range(3)),
    "inputs of our own rules": "\n".join(json.dumps({"v": 1, "policy": "x", "event": ALARM}) for _ in range(3)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packed", [False, True])
def test_events_are_read_in_every_form(form: str, packed: bool, tmp_path: Path) -> None:
    text = FORMS[form].encode()
    events, recording = read(tmp_path / "events", gzip.compress(text) if packed else text)
    assert events == [ALARM] * 3
    assert recording.unreadable == 0


RECORDS = [a_record(eventID=str(number)) for number in range(3)]
TRAILS = {
    "a trail's file": json.dumps({"Records": RECORDS}),
    "a trail's file laid out": json.dumps({"Records": RECORDS}, indent=1),
    "trail files one after the other": "\n".join(json.dumps({"Records": [record]}) for record in RECORDS),
    "records by line": "\n".join(map(json.dumps, RECORDS)),
    "looked up": json.dumps({"Events": [{"CloudTrailEvent": json.dumps(record)} for record in RECORDS]}),
}


@pytest.mark.parametrize("form", TRAILS)
def test_a_trails_records_become_the_events_that_eventbridge_delivers(form: str, tmp_path: Path) -> None:
    events, _ = read(tmp_path / "trail.json", TRAILS[form])
    assert [said["id"] for said in events] == ["0", "1", "2"]
    assert events[0] == {
        "version": "0",
        "id": "0",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.lambda",
        "account": "123456789012",
        "time": "2026-03-02T03:00:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": RECORDS[0],
    }


def test_a_large_array_is_read_in_pieces(tmp_path: Path) -> None:
    events, _ = read(tmp_path / "events.json", json.dumps([ALARM | {"id": str(n)} for n in range(2000)]))
    assert [said["id"] for said in events] == [str(n) for n in range(2000)]


def test_each_kind_of_record_has_its_detail_type() -> None:
    assert event_of(a_record(eventType="AwsServiceEvent"))["detail-type"] == "AWS Service Event via CloudTrail"
    sign_in = a_record(eventType="AwsConsoleSignIn", eventSource="signin.amazonaws.com")
    assert event_of(sign_in)["detail-type"] == "AWS Console Sign In via CloudTrail"
    assert event_of(sign_in)["source"] == "aws.signin"


def test_what_eventbridge_does_not_deliver_is_left_out_and_counted(tmp_path: Path) -> None:
    assert only_reads(event_of(a_record(readOnly=True)))
    assert not only_reads(event_of(a_record(readOnly=True, eventCategory="Data")))
    assert not only_reads(event_of(ALARM | {"detail": {"readOnly": True}}))
    events, recording = read(tmp_path / "trail.json", json.dumps({"Records": [a_record(readOnly=True), a_record()]}))
    assert (len(events), list(recording.undelivered.values()), recording.unreadable) == (1, [1], 0)
    asked = Recording(str(tmp_path / "trail.json"), reads=True)
    assert (len(list(asked)), asked.undelivered) == (2, {})


@pytest.mark.parametrize("thing", [None, 3, "x", [], {}, {"source": "a", "detail-type": "b", "detail": "c"}])
def test_what_is_no_event_is_said_to_be_none(thing: Any) -> None:
    with pytest.raises(NotAnEvent):
        event_of(thing)


def test_a_broken_line_costs_only_itself_and_is_told_with_its_number(tmp_path: Path) -> None:
    line = json.dumps(ALARM)
    events, recording = read(tmp_path / "events.jsonl", f'{line}\n{{"a": \n[1]\n{line}\n'.encode() + b"\xff\xfe\n")
    assert (len(events), recording.unreadable) == (2, 3)
    assert [example.split(":")[1] for example in recording.examples] == ["line 2", "line 3", "line 5"]


def test_a_broken_array_is_read_up_to_there(tmp_path: Path) -> None:
    events, recording = read(tmp_path / "events.json", json.dumps([ALARM] * 3)[:-20])
    assert (len(events), recording.unreadable) == (2, 1)
    assert "the rest is not read" in recording.examples[0]


def test_a_packed_file_that_ends_early_is_told(tmp_path: Path) -> None:
    _, recording = read(tmp_path / "events.jsonl.gz", gzip.compress(json.dumps(ALARM).encode())[:-20])
    assert "cannot be read to its end" in recording.examples[0]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path / "events.jsonl", "")[0] == []


def test_a_folder_is_read_file_by_file(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.json.gz").write_bytes(gzip.compress(json.dumps({**ALARM, "id": "2"}).encode()))
    (tmp_path / "1.jsonl").write_text(json.dumps({**ALARM, "id": "1"}))
    (tmp_path / "notes.md").write_text("no recording")
    assert [said["id"] for said in Recording(str(tmp_path))] == ["1", "2"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    for place in (tmp_path / "none", tmp_path):
        with pytest.raises(Unavailable):
            Recording(str(place))


def test_the_kept_recording_is_read() -> None:
    recording = Recording(str(MORNING))
    assert len(list(recording)) == 10
    assert (sum(recording.undelivered.values()), recording.unreadable) == (1, 1)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the collected real events are not beside the repository")
def test_real_events_and_real_trails_are_read() -> None:
    assert len(list(Recording(str(SHARED / "events")))) > 500
    enveloped = Recording(str(SHARED / "cloudtrail" / "enveloped_sample.jsonl.gz"), reads=True)
    assert len(list(enveloped)) > 300
    assert enveloped.unreadable == 0
