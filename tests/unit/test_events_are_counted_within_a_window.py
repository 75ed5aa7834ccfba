"""count: so many different events about one subject in a window; order, copies and crowds change nothing."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsr.model import Finding
from edsr.policy import Policy
from edsr.technique.chosen import observe, permissions, uses
from edsr.technique.notes import Memory, Notes
from tests.things import AT, a_finding, a_policy

WIDTH = 60
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Where a bucket begins."""


def counting(least: int = 3, within: str = "PT1M") -> Policy:
    policy = a_policy()
    detect = policy.detect.model_dump(by_alias=True) | {"count": {"at-least": least, "within": within}}
    return a_policy(detect=detect)


def seen(second: float, name: str = "", **changes: object) -> Finding:
    at = START + timedelta(seconds=second)
    return a_finding(episode=name or f"event-{second}", observed_at=at, detected_at=at, **changes)


def tell(notes: Notes, findings: Sequence[Finding], policy: Policy | None = None) -> list[Finding]:
    said = policy or counting()
    return [found for one in findings for found in observe(one, said, notes, AT).findings]


def told_of(notes: Notes, one: Finding) -> list[Finding]:
    return tell(notes, [one], counting(16))


def test_too_few_are_told_how_many_there_are() -> None:
    notes = Memory()
    assert observe(seen(1), counting(), notes, AT).why == "1 of 3 that have to come within PT1M"
    assert observe(seen(2), counting(), notes, AT).why == "2 of 3 that have to come within PT1M"


def test_the_finding_is_about_the_subject_with_the_window_as_its_episode() -> None:
    (found,) = tell(Memory(), [seen(1), seen(2), seen(3)])
    assert (found.condition, found.episode) == ("3 within PT1M", "2026-03-02T09:00:00.000Z")
    assert found.subject == seen(1).subject
    assert found.observed_at == START + timedelta(seconds=3)
    assert (found.evidence["count"], found.evidence["since"]) == (3, "2026-03-02T09:00:01.000Z")
    assert found.title.startswith("3 times within PT1M: ")
    assert found.correlation_id == found.incident_id


def test_a_correlation_that_the_producer_gave_is_kept() -> None:
    told = tell(Memory(), [seen(n, correlation_id="deploy-7") for n in range(3)])
    assert [found.correlation_id for found in told] == ["deploy-7"]


@pytest.mark.parametrize("seconds", [(0, 1, 2), (58, 59, 61), (59.5, 60, 119.5), (0, 30, 60), (1, 2, 61)])
def test_every_order_of_a_burst_is_told_once(seconds: tuple[float, ...]) -> None:
    for order in permutations(seconds):
        assert len(tell(Memory(), [seen(second) for second in order])) == 1, order


@pytest.mark.parametrize("seconds", [(0, 1, 60.001), (0, 59, 119), (0, 61, 122), (0, 0.5)])
def test_what_no_window_holds_is_told_in_no_order(seconds: tuple[float, ...]) -> None:
    for order in permutations(seconds):
        assert tell(Memory(), [seen(second) for second in order]) == [], order


def test_a_copy_counts_once_and_what_was_claimed_is_told_again_when_it_is_tried_again() -> None:
    notes = Memory()
    assert tell(notes, [seen(1), seen(1), seen(1), seen(2)]) == []
    (first,) = tell(notes, [seen(3)])
    assert tell(notes, [seen(1), seen(2)]) == []
    (again,) = tell(notes, [seen(3)])
    assert again.id == first.id


def test_what_comes_long_after_is_another_episode_and_what_was_before_is_not_told_twice() -> None:
    notes = Memory()
    told = tell(notes, [seen(second) for second in (1, 2, 3, 4, 5, 300, 301, 302, 303)])
    assert [found.episode for found in told] == ["2026-03-02T09:00:00.000Z", "2026-03-02T09:05:00.000Z"]


def test_subjects_and_policies_are_counted_for_themselves() -> None:
    notes = Memory()
    other = dict(seen(1).subject) | {"arn": "arn:aws:sqs:us-east-1:000000000000:other"}
    assert tell(notes, [seen(1), seen(2), seen(3, subject=other), seen(3, policy="another")]) == []


def test_a_storm_is_kept_small() -> None:
    notes = Memory()
    told = tell(notes, [seen(second / 100, f"event-{second}") for second in range(5_000)], counting(1000))
    assert len(told) == 1
    (bucket,) = [item for item in notes.items.values() if "n" in item]
    assert bucket["n"] == 1000
    assert sum(len(name) + 8 for name in bucket) < 400_000 / 4


@pytest.mark.parametrize("at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)])
def test_a_clock_that_is_off_by_ages_breaks_nothing(at: datetime) -> None:
    notes = Memory()
    findings = [a_finding(episode=f"event-{n}", observed_at=at + timedelta(seconds=n)) for n in range(3)]
    assert len(tell(notes, findings)) == 1
    assert all(item["ttl"] < AT.timestamp() + 20 * 86_400 for item in notes.items.values())


@settings(max_examples=200)
@given(
    times=st.lists(st.integers(0, 200), min_size=1, max_size=12, unique=True),
    least=st.integers(2, 5),
    data=st.data(),
)
def test_a_burst_is_told_exactly_when_there_is_one(times: list[int], least: int, data: st.DataObject) -> None:
    """Whatever the order and the copies; and each window that holds enough is near one that was told."""
    order = data.draw(st.permutations(times + data.draw(st.lists(st.sampled_from(times), max_size=4))))
    told = tell(Memory(), [seen(second) for second in order], counting(least))
    ordered = sorted(times)
    pairs = list(zip(ordered, ordered[least - 1 :], strict=False))
    enough = [first for first, last in pairs if last - first <= WIDTH]
    assert bool(told) is bool(enough)
    starts = [datetime.fromisoformat(found.episode) for found in told]
    for first in enough:
        assert any(abs((start - START).total_seconds() - first) <= 2 * WIDTH for start in starts)
    if ordered[-1] - ordered[0] <= WIDTH:
        assert len({found.id for found in told}) <= 1


def test_sixteen_at_once_tell_of_one_burst_once() -> None:
    for offset in range(40, 60):
        notes = Memory()
        burst = [seen(offset + second, f"event-{second}") for second in range(16)] * 2
        with ThreadPoolExecutor(16) as pool:
            told = [found for some in pool.map(partial(told_of, notes), burst) for found in some]
        assert len({found.id for found in told}) == 1


def test_each_event_needs_no_notes_and_grants_none() -> None:
    assert not uses(a_policy())
    assert permissions(a_policy()) == ()
    assert [said.keys for said in permissions(counting())] == [("CNT#*",)]
