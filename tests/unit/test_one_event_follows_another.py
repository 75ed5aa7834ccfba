"""sequence: A, then B, then C about one thing; they may come in any order, in copies, and at once."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.technique.chosen import check, observe, permissions
from edsr.technique.notes import Memory, Notes
from infra.parts.rules import rules_of
from tests.things import AT, a_finding, a_policy, a_subject

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
WIDTH = 60


class Came(NamedTuple):
    """An event: which step it is (None: the last), when it was, and its identity."""

    step: int | None
    second: float
    name: str = ""


def chain(steps: int = 2, by: str = "subject", **changes: Any) -> Policy:
    before = {"source": "delivery", "pattern": {"source": ["aws.codedeploy"]}}
    said = {"after": [before] * steps, "within": "PT1M", "by": by}
    return a_policy(detect=a_policy().detect.model_dump(by_alias=True) | {"sequence": said} | changes)


def found(came: Came, **changes: Any) -> Finding:
    at = START + timedelta(seconds=came.second)
    said = {"episode": came.name or f"{came.step}-{came.second}", "observed_at": at, "detected_at": at}
    return a_finding(**(said | changes))


def tell(notes: Notes, policy: Policy, events: Iterable[Came]) -> list[Finding]:
    return [told for came in events for told in observe(found(came), policy, notes, AT, came.step).findings]


A, B, C = Came(0, 50), Came(1, 55), Came(None, 65)


def test_the_finding_is_about_the_last_event_and_names_what_came_before() -> None:
    (told,) = tell(Memory(), chain(), [A, B, C])
    assert (told.id, told.episode) == (found(C).id, found(C).episode)
    assert [line.split()[0] for line in told.evidence["after"]] == [
        "2026-03-02T09:00:50.000Z",
        "2026-03-02T09:00:55.000Z",
    ]
    assert told.title.startswith(f"{found(C).title}, PT1M at most after ")


def test_every_order_of_arrival_and_every_copy_tells_of_one_finding() -> None:
    for order in permutations([A, B, C, A, C]):
        assert {told.id for told in tell(Memory(), chain(), order)} == {found(C).id}, order


@pytest.mark.parametrize(
    "events",
    [
        [A, C],
        [B, C],
        [A, B],
        [Came(0, 55), Came(1, 50), C],
        [A, Came(1, 66), C],
        [Came(0, 4.9), B, C],
        [Came(0, 50, "one"), Came(1, 50, "one"), C],
    ],
)
def test_what_is_no_whole_sequence_is_told_in_no_order(events: list[Came]) -> None:
    for order in permutations(events):
        assert tell(Memory(), chain(), order) == [], order


def test_events_of_one_moment_follow_each_other() -> None:
    assert len(tell(Memory(), chain(), [Came(0, 5, "a"), Came(1, 5, "b"), Came(None, 5, "c")])) == 1


def test_one_event_is_one_step_also_where_two_patterns_take_it() -> None:
    both = [Came(0, 5, "x"), Came(1, 5, "x"), Came(1, 5, "y"), C]
    for order in permutations(both):
        assert {told.id for told in tell(Memory(), chain(), order)} == {found(C).id}


def test_a_last_event_tried_again_after_it_died_is_told_again() -> None:
    notes = Memory()
    (first,) = tell(notes, chain(), [A, B, C])
    assert [told.id for told in tell(notes, chain(), [C])] == [first.id]


@pytest.mark.parametrize(
    ("by", "subject", "evidence", "told"),
    [
        ("subject", {"arn": "arn:aws:sqs:us-east-1:000000000000:other"}, {}, 0),
        ("service", {"arn": "arn:aws:sqs:us-east-1:000000000000:other"}, {}, 1),
        ("service", {"service": "another"}, {}, 0),
        ("service", {"service": None}, {}, 0),
        ("principal", {"arn": "arn:aws:sqs:us-east-1:000000000000:other"}, {"by": "arn:aws:iam::1:user/eve"}, 1),
        ("principal", {}, {"by": "arn:aws:iam::1:user/bob"}, 0),
        ("principal", {}, {"by": ["odd"]}, 0),
    ],
)
def test_the_policy_says_what_the_events_have_in_common(by: str, subject: Any, evidence: Any, told: int) -> None:
    notes, policy = Memory(), chain(1, by)
    first = found(Came(0, 50), subject=a_subject() | subject, evidence=evidence)
    last = found(C, evidence={"by": "arn:aws:iam::1:user/eve"})
    assert observe(first, policy, notes, AT, 0).findings == ()
    assert len(observe(last, policy, notes, AT).findings) == told


@settings(max_examples=150)
@given(
    events=st.lists(st.builds(Came, st.sampled_from([0, 1, None]), st.integers(0, 150)), max_size=9, unique=True),
    data=st.data(),
)
def test_what_is_told_is_what_a_look_at_everything_would_tell(events: list[Came], data: st.DataObject) -> None:
    order = data.draw(
        st.permutations(events + data.draw(st.lists(st.sampled_from(events), max_size=3)) if events else [])
    )
    told = {one.id for one in tell(Memory(), chain(), order)}
    ends = [
        found(end).id
        for end in events
        if end.step is None
        and any(
            first.step == 0 and second.step == 1 and end.second - WIDTH <= first.second <= second.second <= end.second
            for first in events
            for second in events
        )
    ]
    assert told == set(ends)


def told_of(notes: Notes, came: Came) -> list[Finding]:
    return tell(notes, chain(), [came])


def test_sixteen_at_once_complete_it() -> None:
    for offset in range(20):
        notes = Memory()
        events = [Came(0, 50 + offset), Came(1, 55 + offset), Came(None, 58 + offset), Came(0, 51 + offset)] * 4
        with ThreadPoolExecutor(16) as pool:
            told = [one.id for some in pool.map(partial(told_of, notes), events) for one in some]
        assert set(told) == {found(events[2]).id}


def test_a_storm_is_kept_small() -> None:
    notes = Memory()
    tell(notes, chain(), [Came(step, n / 100, f"event-{n}") for n in range(500) for step in (0, 1, None)])
    (bucket,) = notes.items.values()
    assert (bucket["n0"], bucket["n1"], bucket["n2"]) == (32, 32, 16)
    assert (
        observe(found(Came(0, 6)), chain(), notes, AT, 0).why
        == "32 events of step 1 are noted in its window, and no more are"
    )


@pytest.mark.parametrize("step", [-1, 2, "0", [0]])
def test_a_step_that_the_policy_has_not_is_no_step(step: Any) -> None:
    with pytest.raises(Malformed, match="has no step"):
        check(chain(), step)


def test_each_step_is_a_rule_of_its_source_and_both_sources_reach_the_notes() -> None:
    policy = chain(2)
    last, first, second = rules_of([policy])
    assert [rule.name for rule in (last, first, second)] == [
        f"edsr-cloudwatch-{policy.id}",
        f"edsr-delivery-{policy.id}.1",
        f"edsr-delivery-{policy.id}.2",
    ]
    assert last.input == f'{{"v":1,"policy":"{policy.id}","event":<aws.events.event.json>}}'
    assert second.input == f'{{"v":1,"policy":"{policy.id}","step":1,"event":<aws.events.event.json>}}'
    assert first.pattern == {"source": ["aws.codedeploy"], "replay-name": [{"exists": False}]}
    assert [(said.actions, said.keys) for said in permissions(policy)] == [
        (("dynamodb:BatchGetItem", "dynamodb:UpdateItem"), ("SEQ#*",))
    ]
