"""Which announcements wake somebody, which make a ticket, and when nobody is asked any more."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edsr.errors import Malformed
from notify.asking import EVERYTHING, Asking, Level, asking
from notify.standing import MOST, Say, Standing, change, notice_id
from tests.things import AT

URGENT = {"incident_id": "i-1", "seq": 1, "severity": "high", "title": "t", "reason": "r"}
MILD = URGENT | {"severity": "medium"}
STOP = {"incident_id": "CTL#2026-03", "seq": 7, "switch": "engaged", "scope": "all", "by": "edsr", "title": "stopped"}


@pytest.mark.parametrize(
    ("kind", "said", "level"),
    [
        ("Incident Closed", URGENT | {"state": "ESCALATED"}, Level.PAGE),
        ("Incident Closed", MILD | {"state": "ESCALATED"}, Level.PAGE),
        ("Incident Closed", MILD | {"state": "REVERTED"}, Level.PAGE),
        ("Incident Closed", URGENT | {"state": "ABORTED"}, Level.PAGE),
        ("Incident Closed", MILD | {"state": "ABORTED"}, Level.TICKET),
        ("Incident Closed", MILD | {"state": "HOLDING", "harm": {"reason": "r"}}, Level.PAGE),
        ("Incident Closed", MILD | {"state": "RESOLVED", "harm": {"reason": "r"}}, Level.PAGE),
        ("Incident Closed", URGENT | {"state": "RESOLVED"}, None),
        ("Incident Closed", URGENT | {"state": "HOLDING"}, None),
        ("Incident Closed", URGENT | {"state": "ABORTED", "recovered": True}, None),
        ("Incident Closed", URGENT | {"state": "ESCALATED", "recovered": True}, None),
        ("Decision Made", URGENT | {"verdict": "escalate"}, Level.PAGE),
        ("Decision Made", MILD | {"verdict": "escalate"}, Level.TICKET),
        ("Approval Requested", MILD, Level.PAGE),
        ("Approval Answered", URGENT | {"complete": True}, None),
        ("Control Changed", STOP, Level.PAGE),
        ("Control Changed", STOP | {"switch": "released", "by": "jo"}, None),
    ],
)
def test_it_wakes_makes_a_ticket_or_lets_go(kind: str, said: dict[str, Any], level: Level | None) -> None:
    found = asking(kind, said)
    assert found is not None
    assert found.level is level


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Decision Made", URGENT | {"verdict": "observe"}),
        ("Decision Made", URGENT | {"verdict": "act"}),
        ("Approval Answered", URGENT | {"complete": False}),
        ("Control Changed", STOP | {"by": "jo"}),
        ("Control Changed", STOP | {"scope": "service:checkout"}),
        ("Control Changed", STOP | {"switch": "released", "scope": "service:checkout", "by": "jo"}),
        ("Plan Drawn", URGENT),
        ("Step Done", URGENT),
    ],
)
def test_what_people_did_themselves_or_need_not_know_asks_for_nobody(kind: str, said: dict[str, Any]) -> None:
    assert asking(kind, said) is None


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("Incident Closed", {"incident_id": "i-1", "seq": 1, "severity": "high"}),
        ("Incident Closed", URGENT | {"state": "NONSENSE"}),
        ("Decision Made", URGENT | {"verdict": "escalate", "severity": "shrill"}),
        ("Decision Made", URGENT | {"verdict": "escalate", "seq": "x"}),
        ("Control Changed", STOP | {"incident_id": "CTL#march"}),
    ],
)
def test_what_says_too_little_is_malformed(kind: str, said: dict[str, Any]) -> None:
    with pytest.raises(Malformed, match=kind):
        asking(kind, said)


def test_what_was_switched_in_a_later_month_is_later() -> None:
    released = asking("Control Changed", STOP | {"incident_id": "CTL#2026-04", "seq": 1, "switch": "released"})
    stopped = asking("Control Changed", STOP)
    assert released is not None
    assert stopped is not None
    assert released.order > stopped.order
    assert (released.incident, stopped.incident) == (EVERYTHING, EVERYTHING)


def heard(incident: str, order: int, level: Level | None) -> Asking:
    return Asking(incident, order, level, "t", "r")


SAID = st.builds(
    heard, st.sampled_from(["i-1", "i-2", "i-3"]), st.integers(1, 5), st.sampled_from([Level.PAGE, Level.TICKET, None])
)


def consistent(said: list[Asking]) -> list[Asking]:
    """One record says one thing, however often it is announced."""
    return list({(one.incident, one.order): one for one in said}.values())


@settings(max_examples=200)
@given(st.lists(SAID, max_size=12).map(consistent), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_how_a_group_stands(said: list[Asking], chance: Any) -> None:
    once = Standing().after(said, AT)
    again = [*said, *said]
    chance.shuffle(again)
    stands = Standing()
    for one in again:
        stands = stands.after([one], AT)
    assert dict(stands.needs) == dict(once.needs)
    assert stands.level is once.level


def test_a_second_incident_of_the_group_is_not_told_again_but_a_more_urgent_one_is() -> None:
    ticket = Standing().after([heard("i-1", 1, Level.TICKET)], AT)
    assert change(Standing(), ticket) is Say.TRIGGER
    second = ticket.after([heard("i-2", 1, Level.TICKET)], AT)
    assert change(ticket, second) is None
    urgent = second.after([heard("i-3", 1, Level.PAGE)], AT)
    assert change(second, urgent) is Say.TRIGGER
    assert change(urgent, urgent.after([heard("i-3", 2, None)], AT)) is None


def test_five_hundred_findings_are_one_page() -> None:
    stands, said = Standing(), []
    for number in range(500):
        after = stands.after([heard(f"i-{number}", 1, Level.PAGE)], AT)
        said.append(change(stands, after))
        stands = after
    assert said == [Say.TRIGGER] + [None] * 499


def test_it_is_over_when_the_last_incident_asks_for_nobody() -> None:
    both = Standing().after([heard("i-1", 1, Level.PAGE), heard("i-2", 1, Level.PAGE)], AT)
    one = both.after([heard("i-1", 2, None)], AT)
    assert change(both, one) is None
    none = one.after([heard("i-2", 5, None)], AT)
    assert change(one, none) is Say.RESOLVE
    assert (one.since, none.since) == (both.since, 0)


def test_a_group_that_asks_anew_has_another_notice() -> None:
    first = Standing().after([heard("i-1", 1, Level.PAGE)], AT)
    over = first.after([heard("i-1", 2, None)], AT + timedelta(minutes=1))
    anew = over.after([heard("i-2", 1, Level.PAGE)], AT + timedelta(minutes=2))
    assert notice_id("g", first.since) != notice_id("g", anew.since)
    assert notice_id("g", first.since) == notice_id("g", first.since)


def test_who_still_asks_is_never_forgotten_for_who_does_not() -> None:
    asks = heard("i-first", 1, Level.PAGE)
    crowd = [heard(f"i-{number}", 1, None) for number in range(MOST + 10)]
    stands = Standing().after([asks, *crowd], AT)
    assert len(stands.needs) == MOST
    assert stands.level is Level.PAGE


def test_a_group_is_read_back_as_it_was_written() -> None:
    stands = Standing().after([heard("i-1", 3, Level.TICKET), heard("i-2", 1, None)], AT)
    assert Standing.of(stands.item(AT)) == stands._replace(version=1)
