"""Worse than before: only what was surely measured so, after an action, by whom it was well before."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.budget import Counted
from edsr.policy import Objective
from edsr.protocol.acting import WINDOW, acts, acts_keys, remember_act
from edsr.regression import Minutes, by_alarm, by_objective, since
from edsr.times import epoch, iso
from tests.things import AT, a_finding

OBJECTIVE = Objective.model_validate(
    {
        "id": "checkout-availability",
        "title": "Calls succeed",
        "owner": "shop",
        "service": "checkout",
        "indicator": {
            "total": {"namespace": "AWS/Lambda", "name": "Invocations"},
            "bad": {"namespace": "AWS/Lambda", "name": "Errors"},
        },
        "target": 99,
    }
)
ACTED = epoch(AT) + 20
"""In the middle of a minute."""


def counted(*bad: int, total: int = 200, first: int = -5) -> Minutes:
    """What was counted from five minutes before that of the action on, the one of the action being the sixth."""
    at = epoch(AT)
    return {at + 60 * (first + n): Counted(Decimal(total), Decimal(one)) for n, one in enumerate(bad)}


@pytest.mark.parametrize(
    ("bad", "worse"),
    [
        ((0, 0, 0, 0, 0, 60, 100), True),
        ((0, 0, 0, 0, 0, 0, 100), True),
        ((0, 0, 0, 0, 100, 100, 100), False),
        ((0, 0, 0, 0, 100, 200, 200), False),
        ((0, 0, 0, 0, 100, 100, 200), True),
        ((0, 0, 0, 100, 0, 0, 100), False),
        ((0, 0, 0, 0, 0, 0, 1), False),
        ((100, 100, 100, 100, 100, 0, 0), False),
        ((0, 0, 0, 0, 0, 0, 0), False),
    ],
    ids=str,
)
def test_it_is_worse_than_in_the_worst_minute_before(bad: tuple[int, ...], worse: bool) -> None:
    assert by_objective(OBJECTIVE, counted(*bad), ACTED, AT + timedelta(minutes=2)).worse is worse


def test_what_misses_no_objective_is_not_worse() -> None:
    few = counted(0, 0, 0, 0, 0, 0, 200, total=40_000)
    assert by_objective(OBJECTIVE, few, ACTED, AT + timedelta(minutes=2)).worse is False


@pytest.mark.parametrize("minutes", [{}, counted(0, 0), counted(9, first=1)])
def test_what_was_not_counted_is_not_known(minutes: Minutes) -> None:
    assert by_objective(OBJECTIVE, minutes, ACTED, AT + timedelta(minutes=3)).worse is None


def test_until_a_whole_minute_has_passed_it_is_too_early() -> None:
    compared = by_objective(OBJECTIVE, counted(0, 0, 0, 0, 0, 200), ACTED, AT + timedelta(seconds=119))
    assert (compared.worse, compared.early) == (None, True)
    assert not by_objective(OBJECTIVE, counted(0, 0, 0, 0, 0, 200, 200), ACTED, AT + timedelta(seconds=120)).early


@given(st.lists(st.integers(0, 200), min_size=7, max_size=12), st.integers(0, 59), st.integers(0, 200))
def test_no_worse_than_the_worst_minute_before_is_never_blamed(bad: list[int], second: int, most: int) -> None:
    """Whatever was counted: where some whole minute before was as bad as every minute since, nothing is blamed."""
    before, after = bad[:5], [min(one, max(bad[:5])) for one in bad[6:]]
    minutes = counted(*before, most, *after)
    now = AT + timedelta(minutes=1 + len(after))
    assert not by_objective(OBJECTIVE, minutes, epoch(AT) + second, now).worse


@given(st.integers(0, 3599), st.integers(1, 200))
def test_minutes_are_asked_for_from_five_before_the_action_on(second: int, bad: int) -> None:
    acted = epoch(AT) + second
    began = since(acted)
    assert began % 60 == 0
    assert 300 <= acted - began < 360
    earlier = {began - 60: Counted(Decimal(200), Decimal(bad))}
    assert by_objective(OBJECTIVE, earlier, acted, AT + timedelta(hours=2)).worse is None


def alarm(previous: str = "OK", measured: int | None = 60, condition: str = "checkout-latency") -> object:
    said = {"alarm": condition, "previous": previous}
    if measured is not None:
        said["measured_since"] = iso(AT + timedelta(seconds=measured))
    return by_alarm(a_finding(condition=condition, evidence=said), "canary-checkout-errors", epoch(AT)).worse


def test_an_alarm_is_worse_when_it_was_ok_and_all_it_goes_by_was_measured_after() -> None:
    assert alarm() is True
    assert alarm(measured=0) is True


@pytest.mark.parametrize(
    ("said", "worse"),
    [
        ({"measured": -1}, False),
        ({"condition": "canary-checkout-errors"}, False),
        ({"previous": "INSUFFICIENT_DATA"}, None),
        ({"previous": ""}, None),
        ({"measured": None}, None),
    ],
    ids=str,
)
def test_an_alarm_that_says_less_blames_nobody(said: dict[str, Any], worse: bool | None) -> None:
    assert alarm(**said) is worse


@given(st.integers(-8000, 8000), st.sampled_from(["checkout", "orders"]))
def test_only_what_was_done_within_the_window_before_on_that_service_is_found(ago: int, service: str) -> None:
    """An action before the window, after what is seen, or on another service is not even looked at."""
    acted = AT - timedelta(seconds=ago)
    write = remember_act(service, "i-1", acted)
    stored = {write.key: {"i-1": write.values[":now"], "ttl": 1}} if write.values else {}
    found = acts([stored[key] for key in acts_keys("checkout", AT) if key in stored], AT)
    inside = service == "checkout" and 0 <= ago <= WINDOW.total_seconds()
    assert found == ({"i-1": epoch(acted)} if inside else {})


def test_the_latest_comes_first_and_an_incident_counts_from_when_it_began() -> None:
    items = [{"i-1": 100, "i-2": 200}, {"i-1": 900, "i-3": 800}]
    assert list(acts(items, AT.fromtimestamp(1000, tz=AT.tzinfo)).items()) == [("i-3", 800), ("i-2", 200), ("i-1", 100)]
