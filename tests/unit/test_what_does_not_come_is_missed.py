"""absence: what is expected every day and did not come; order, copies and crowds change nothing."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.policy.backtest.run import run
from cli.policy.backtest.side import Side
from detect.intake import Ignored, waited_for
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.technique.absence import EARLY, overdue
from edsr.technique.chosen import observe, permissions, recovers, uses
from edsr.technique.notes import Memory, Notes
from edsr.technique.retold import Told
from edsr.times import iso
from tests import estate
from tests.policies import SHIPPED
from tests.things import a_policy

START = datetime(2026, 3, 2, 3, tzinfo=UTC)
POLICY = Policy.model_validate(json.loads((SHIPPED / "backup-missing.json").read_text()))
ARN = f"arn:aws:rds:{estate.REGION}:000000000000:db:orders"
KEY = keys.absent(POLICY.id, ARN)
FAR = START + timedelta(days=30)


def backup(hours: float, **detail: Any) -> dict[str, Any]:
    """A backup that was completed so many hours after START."""
    event = estate.event("data/backup-completed")
    return event | {"time": iso(START + timedelta(hours=hours)), "detail": event["detail"] | detail}


def came(hours: float) -> Finding:
    said = waited_for(backup(hours), POLICY, FAR)
    assert isinstance(said, Finding)
    return said


def hear(notes: Notes, *hours: float, now: datetime = FAR) -> list[Told]:
    return [observe(came(hour), POLICY, notes, now) for hour in hours]


def missing(notes: Notes, hours: float) -> Finding | None:
    return overdue(POLICY, notes.read([KEY])[KEY], START + timedelta(hours=hours))


def test_it_is_missed_once_its_time_and_the_grace_are_over() -> None:
    notes = Memory()
    (told,) = hear(notes, 0)
    assert told.why == "it came; the next is expected by 2026-03-03T03:00:00.000Z"
    assert missing(notes, 29.99) is None
    found = missing(notes, 30)
    assert found is not None
    assert (found.condition, found.episode) == ("expected every P1D", "2026-03-03T03:00:00.000Z")
    assert found.title == "db:orders: expected every P1D, last seen 2026-03-02T03:00:00.000Z"
    assert found.evidence == {
        "expected": "2026-03-03T03:00:00.000Z",
        "every": "P1D",
        "last": "2026-03-02T03:00:00.000Z",
    }
    assert (found.subject.arn, found.subject.kind) == (ARN, "rds:db")


def test_what_stays_silent_is_one_episode_whenever_one_looks() -> None:
    notes = Memory()
    hear(notes, 0)
    looks = [missing(notes, hours) for hours in (30, 31, 300)]
    assert len({found.id for found in looks if found}) == 1
    assert [found.observed_at for found in looks if found][-1] == START + timedelta(hours=300)


@given(st.permutations([0, 1, 5, 23, 24] * 2))
def test_order_and_copies_change_nothing(order: list[int]) -> None:
    notes = Memory()
    hear(notes, *order)
    found = missing(notes, 54)
    assert missing(notes, 53.9) is None
    assert found is not None
    assert found.episode == iso(START + timedelta(hours=48))


def test_sixteen_at_once_leave_the_latest() -> None:
    notes = Memory()
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda hour: hear(notes, hour), range(16)))
    found = missing(notes, 60)
    assert found is not None
    assert found.episode == iso(START + timedelta(hours=39))


def test_what_comes_again_after_it_was_missed_ends_it() -> None:
    notes = Memory()
    hear(notes, 0)
    missed = missing(notes, 30)
    notes.items[KEY]["told"] = "f-1"
    (told,) = hear(notes, 31)
    assert told.why.startswith("it came again")
    assert told.over is not None
    assert missed is not None
    assert told.over.ends(missed)


def test_what_came_in_time_and_was_told_late_ends_it_too() -> None:
    notes = Memory()
    hear(notes, 0)
    missed = missing(notes, 30)
    notes.items[KEY]["told"] = "f-1"
    (told,) = hear(notes, 23)
    assert missed is not None
    assert told.over is not None
    assert told.over.ends(missed)
    following = missing(notes, 53)
    assert following is not None
    assert not told.over.ends(following), "the next that is missed is another episode"


def test_a_clock_that_is_far_ahead_does_not_hide_that_nothing_comes() -> None:
    notes = Memory()
    (told,) = hear(notes, 1, now=START + timedelta(hours=1) - EARLY - timedelta(seconds=1))
    assert "yet to come" in told.why
    assert notes.items == {}


def test_what_was_never_heard_of_is_said_to_be_so() -> None:
    notes = Memory()
    hear(notes, 0)
    found = overdue(POLICY, notes.items[KEY] | {"heard": False}, FAR)
    assert found is not None
    assert found.title.endswith("never seen since 2026-03-02T03:00:00.000Z")
    assert found.evidence["last"] == "never"


@pytest.mark.parametrize(
    ("detail", "said"),
    [
        ({"resourceArn": None}, "finds nothing"),
        ({"resourceArn": 7}, "is int, not text"),
        ({"resourceArn": "orders"}, "is no ARN"),
        ({"resourceArn": "arn:aws:rds"}, "is no ARN"),
    ],
)
def test_an_event_that_does_not_say_what_it_is_about_is_quarantined(detail: dict[str, Any], said: str) -> None:
    with pytest.raises(Malformed, match=said):
        waited_for(backup(0, **detail), POLICY, FAR)


@pytest.mark.parametrize("time", ["yesterday", "2026-03-02", 7])
def test_a_time_that_is_none_is_quarantined(time: Any) -> None:
    with pytest.raises(Malformed, match=r"detect\.absence"):
        waited_for(backup(0) | {"time": time}, POLICY, FAR)


def test_nobody_speaks_for_another_account() -> None:
    said = waited_for(backup(0, resourceArn=ARN.replace("000000000000", "111122223333")), POLICY, FAR)
    assert isinstance(said, Ignored)
    assert "is not of the account" in said.reason
    bucket = waited_for(backup(0, resourceArn="arn:aws:s3:::orders"), POLICY, FAR)
    assert isinstance(bucket, Finding)


def test_its_detector_may_put_its_own_items_and_nothing_more() -> None:
    assert uses(POLICY)
    assert not recovers(POLICY, None)
    (permission,) = permissions(POLICY)
    assert (permission.actions, permission.keys) == (("dynamodb:PutItem",), ("ABS#*",))


def test_one_technique_at_a_time() -> None:
    detect = POLICY.detect.model_dump(by_alias=True, exclude_none=True)
    with pytest.raises(ValueError, match="in one way"):
        a_policy(detect=detect | {"count": {"at-least": 2, "within": "PT1M"}})


def tally(events: Sequence[dict[str, Any]]) -> dict[str, int]:
    side = Side({POLICY.id: POLICY}, SHIPPED)
    said: dict[str, int] = run(events, side).policies[POLICY.id].as_json()["verdicts"]
    return said


def test_a_backtest_misses_what_is_not_recorded() -> None:
    other = estate.event("cloudwatch/canary-alarm") | {"time": iso(START + timedelta(days=4))}
    daily = [backup(24 * day) for day in range(3)]
    assert tally([*daily, other])["observe"] == 1
    assert tally([*daily, backup(72), other]).get("observe", 0) == 0
