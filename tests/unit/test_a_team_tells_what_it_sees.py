"""The helper that teams use writes what the published schema allows, and the detector reads it."""

import ast
import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from edsr import emit as helper
from edsr.emit import ENTRIES, ENTRIES_BYTES, NotEmitted, batches, emit, entry, signal
from tests.estate import ROOT
from tests.policies import SHIPPED, read
from tests.sources import became, found

AT = datetime(2026, 3, 2, 3, 4, 5, tzinfo=UTC)
QUEUE = "arn:aws:sqs:us-east-1:000000000000:payments"
SCHEMA = Draft202012Validator(read(SHIPPED / "schemas" / "signal.schema.json"))


class Bus:
    """A bus that refuses what has one source."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - as boto3 spells it
        self.sizes.append(len(Entries))
        bad = {"ErrorCode": "InternalFailure"}
        return {"Entries": [bad if one["Source"] == "unlucky" else {"EventId": "1"} for one in Entries]}


def as_event(put: dict[str, Any]) -> dict[str, Any]:
    """What the bus delivers of an entry."""
    about = {"account": "000000000000", "region": "us-east-1", "time": "2026-03-02T03:04:06Z", "resources": []}
    return {**about, "source": put["Source"], "detail-type": put["DetailType"], "detail": json.loads(put["Detail"])}


texts = st.text(min_size=1, max_size=60)


@given(texts, texts, st.sampled_from(["problem", "ok"]), st.dictionaries(texts, texts, max_size=5), st.timezones())
def test_what_the_helper_writes_is_valid_and_read(
    condition: str, identity: str, state: str, labels: dict[str, str], zone: Any
) -> None:
    at = AT.astimezone(zone)
    said = signal(condition, QUEUE, identity=identity, at=at, state=state, labels=labels)
    assert list(SCHEMA.iter_errors(said)) == []
    put = entry("com.example.checkout", said)
    assert became("custom", as_event(put)).startswith("finding: " if state == "problem" else "ignored: ")


def test_a_signal_is_a_finding_about_what_it_names() -> None:
    said = signal("payments-stuck", QUEUE, identity="batch-4711", at=AT, kind="sqs:queue", title="No progress")
    made = found("custom", as_event(entry("com.example.checkout", said)))
    assert (made.subject.arn, made.subject.kind, made.condition) == (QUEUE, "sqs:queue", "payments-stuck")
    assert (made.episode, made.title, made.observed_at) == ("batch-4711", "No progress", AT)


def test_a_title_is_one_line_that_steers_nothing() -> None:
    said = signal("backlog", QUEUE, identity="s-1", at=AT, title="a\nb \x1b[2J\u202e")
    assert found("custom", as_event(entry("com.example.checkout", said))).title == "a b \\x1b[2J\\u202e"


def test_the_same_moment_in_another_zone_is_the_same_finding() -> None:
    here = signal("c", QUEUE, identity="1", at=AT)
    there = signal("c", QUEUE, identity="1", at=AT.astimezone(timezone(timedelta(hours=5))))
    made = [found("custom", as_event(entry("com.example", said))) for said in (here, there)]
    assert made[0] == made[1]


def test_a_time_without_its_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its offset"):
        signal("c", QUEUE, identity="1", at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("source", ["aws.ce", "edsr", "", "with space", "x" * 257])
def test_a_source_that_is_reserved_or_none_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="cannot be a source"):
        entry(source, {})


def test_a_detail_that_no_bus_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="200000 are taken"):
        entry("com.example", {"x": "y" * ENTRIES_BYTES})


def test_what_the_bus_did_not_take_is_given_back() -> None:
    entries = [entry("unlucky" if number == 3 else "com.example", {"n": number}) for number in range(25)]
    bus = Bus()
    with pytest.raises(NotEmitted, match="1 of 25 events were not taken: InternalFailure") as told:
        emit(bus, entries)
    assert told.value.entries == [entries[3]]
    assert bus.sizes == [10, 10, 5]


@given(st.lists(st.integers(min_value=0, max_value=ENTRIES_BYTES - 100), max_size=40))
def test_batches_hold_all_in_order_and_no_more_than_is_taken(sizes: list[int]) -> None:
    entries = [entry("com.example", {"x": "y" * size}) for size in sizes]
    made = list(batches(entries))
    assert [one for batch in made for one in batch] == entries
    assert all(0 < len(batch) <= ENTRIES for batch in made)
    assert all(sum(len(one["Detail"]) for one in batch) <= ENTRIES_BYTES for batch in made)


def test_the_helper_needs_nothing_but_python() -> None:
    tree = ast.parse((ROOT / str(helper.__file__)).read_text(encoding="utf-8"))
    used = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert used <= set(sys.stdlib_module_names)
