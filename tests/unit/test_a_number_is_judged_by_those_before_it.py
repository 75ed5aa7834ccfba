"""anomaly: a number in each event, judged by the series of its subject; copies, crowds and garbage change nothing."""

import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsr.errors import Malformed, Transient
from edsr.model import Finding
from edsr.policy import Policy
from edsr.ports import Item, Key
from edsr.protocol import keys
from edsr.technique.anomaly import EARLY
from edsr.technique.chosen import observe, permissions, uses
from edsr.technique.notes import Memory, Notes
from edsr.technique.retold import Told
from tests.things import ALIAS, a_finding, a_policy

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
STEP = timedelta(minutes=5)
CHANCE = random.Random(7)  # noqa: S311 - nothing secret
USUAL = [CHANCE.gauss(100, 3) for _ in range(200)]
KEY = keys.series("lambda-canary-rollback", ALIAS)


def judging(**said: Any) -> Policy:
    detect = a_policy().detect.model_dump(by_alias=True)
    return a_policy(detect=detect | {"anomaly": {"value.$": "detail.value"} | said})


def show(notes: Notes, n: float, value: Any, reading: Policy | None = None, **changes: Any) -> Told:
    at = START + n * STEP
    found = a_finding(**{"episode": f"event-{n}", "observed_at": at, "detected_at": at} | changes)
    return observe(found, reading or judging(), notes, at, event={"detail": {"value": value}})


def series(notes: Notes, values: Iterable[float], policy: Policy | None = None) -> list[Finding]:
    return [found for n, value in enumerate(values) for found in show(notes, n, value, policy).findings]


@pytest.fixture
def notes() -> Memory:
    """What has seen two hundred usual numbers."""
    memory = Memory()
    assert series(memory, USUAL) == []
    return memory


def test_what_is_usual_is_quiet_and_says_why(notes: Memory) -> None:
    said = show(notes, 200, 101)
    assert said.findings == ()
    assert said.why.startswith("within the recent band of ")


def test_a_spike_is_told_with_what_was_expected_as_text(notes: Memory) -> None:
    (found,) = show(notes, 200, 250).findings
    assert found.condition == "anomaly in detail.value"
    assert found.episode == found.evidence["onset"] == "2026-03-03T01:40:00.000Z"
    assert found.title == found.evidence["reason"]
    assert "above the recent band" in found.title
    assert found.evidence["value"] == "250"
    assert float(found.evidence["low"]) < float(found.evidence["expected"]) < float(found.evidence["high"]) < 250


def test_what_alarmed_is_told_again_when_it_is_retried_and_learned_once(notes: Memory) -> None:
    (first,) = show(notes, 200, 250).findings
    kept = notes.read([KEY])
    (again,) = show(notes, 200, 250).findings
    assert again == first
    assert notes.read([KEY]) == kept


def test_a_copy_and_what_comes_out_of_order_are_ignored_and_learned_by_nobody(notes: Memory) -> None:
    kept = notes.read([KEY])
    assert show(notes, 199, 250).why == "ignored: not newer than the point before it"
    assert show(notes, 10.5, 250).why == "ignored: not newer than the point before it"
    assert notes.read([KEY]) == kept


def test_a_clock_far_ahead_does_not_make_all_that_follows_old(notes: Memory) -> None:
    kept, at = notes.read([KEY]), START + 200 * STEP
    ahead = a_finding(episode="ahead", observed_at=at + EARLY + timedelta(seconds=1), detected_at=at)
    said = observe(ahead, judging(), notes, at, event={"detail": {"value": 250}})
    assert said.why == "ignored: it is of 2026-03-03T01:55:01.000Z, which is yet to come"
    assert notes.read([KEY]) == kept


def test_one_episode_is_one_finding_however_often_it_alarms() -> None:
    memory = Memory()
    told = series(memory, [*USUAL, 250, 400, 900])
    assert told
    assert len({found.id for found in told}) == 1


def test_subjects_and_policies_have_series_of_their_own(notes: Memory) -> None:
    other = dict(a_finding().subject) | {"arn": "arn:aws:sqs:us-east-1:000000000000:other"}
    assert show(notes, 200, 250, subject=other).why.endswith("learning: 1 of 50 points")
    assert show(notes, 200, 250, policy="another").why.endswith("learning: 1 of 50 points")


def test_a_counter_is_judged_by_its_growth() -> None:
    policy, memory, total = judging(counter=True), Memory(), 0.0
    told: list[Finding] = []
    for n, grown in enumerate([*USUAL, 900]):
        total += grown
        told += show(memory, n, total, policy).findings
    assert [found.evidence["value"] for found in told] == ["3"]


@pytest.mark.parametrize("value", [None, "12", True, [1], {}])
def test_what_is_no_number_is_malformed(value: Any) -> None:
    memory = Memory()
    with pytest.raises(Malformed, match=r"detect\.anomaly: 'detail\.value'"):
        show(memory, 0, value)
    assert memory.items == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, -(10**31)])
def test_a_number_beyond_reason_is_ignored(notes: Memory, value: float) -> None:
    kept = notes.read([KEY])
    assert show(notes, 200, value).why == "ignored: not a number within 1e30"
    assert notes.read([KEY]) == kept


@pytest.mark.parametrize("garbled", [b"", 0, b"EDSA\x02", "text", 7, None])
def test_a_state_that_cannot_be_read_is_begun_anew_and_told(notes: Memory, garbled: Any) -> None:
    notes.items[KEY]["state"] = garbled
    said = show(notes, 200, 250)
    assert said.fault.startswith("its state cannot be read: ")
    assert (said.findings, said.why.split("; ")[-1]) == ((), "learning: 1 of 50 points")
    assert show(notes, 201, 100).fault == ""


def test_a_state_with_one_byte_altered_is_begun_anew(notes: Memory) -> None:
    state = bytearray(notes.items[KEY]["state"])
    state[1000] ^= 1
    notes.items[KEY]["state"] = bytes(state)
    assert show(notes, 200, 100).fault == "its state cannot be read: the checksum does not match"


@pytest.mark.parametrize("change", [{"value.$": "detail.value || detail.other"}, {"counter": True}])
def test_a_policy_that_reads_another_number_begins_another_series(notes: Memory, change: dict[str, Any]) -> None:
    said = show(notes, 200, 250, judging(**change))
    assert said.findings == ()
    assert said.fault == "the policy reads another number than before"


def test_a_policy_may_change_how_sensitive_it_is_and_keep_what_it_has_learned(notes: Memory) -> None:
    assert show(notes, 200, 101, judging(sensitivity="fewer-false")).fault == ""


class Contended(Memory):
    """Notes that another is always faster to replace."""

    def replace(self, key: Key, item: Item, ver: int) -> bool:  # noqa: ARG002 - as Notes say
        """Never."""
        return False


def test_who_loses_every_race_is_tried_again_later() -> None:
    with pytest.raises(Transient, match="lost 8 races"):
        show(Contended(), 0, 100)


def test_of_sixteen_at_once_each_is_learned_or_ignored_as_older_and_none_twice(notes: Memory) -> None:
    def one(n: int) -> str:
        try:
            return show(notes, 200 + n, 100).why
        except Transient:
            return "later"

    ver = notes.items[KEY]["ver"]
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(one, [*range(16), *range(16)]))
    learned = [why for why in said if why != "later" and not why.startswith("ignored")]
    assert 1 <= len(learned) <= 16
    assert notes.items[KEY]["ver"] == ver + len(learned)


@settings(max_examples=50)
@given(st.lists(st.floats(allow_nan=True) | st.integers(-(10**40), 10**40), max_size=80))
def test_any_numbers_leave_an_item_that_is_small_and_read_again(values: list[float]) -> None:
    memory = Memory()
    series(memory, values)
    for item in memory.items.values():
        assert len(item["state"]) == 3_780
        assert len(item["told"]) <= 4
    assert show(memory, 1_000, 1).fault == ""


def test_only_its_series_are_granted_and_nothing_is_updated_in_place() -> None:
    assert uses(judging())
    (said,) = permissions(judging())
    assert (said.actions, said.keys) == (("dynamodb:BatchGetItem", "dynamodb:PutItem"), ("ANM#*",))
