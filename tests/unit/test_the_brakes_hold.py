"""Slots, latches, and too many unwell at once: what each of these brakes lets through, and what it holds."""

from datetime import timedelta
from typing import Any

import pytest

from edsr.errors import Refused
from edsr.model import State
from edsr.policy import Policy
from edsr.policy.safeguards import UNWELL
from edsr.ports import Item, Key
from edsr.protocol import keys
from edsr.protocol.brakes import mark_unwell, unwell, unwell_keys
from edsr.times import epoch
from tests.things import ALIAS, AT, a_policy, an_incident
from tests.unit.attempts import a_brief, a_step, the_brakes, values

NOW = epoch(AT)
MINE = an_incident().id
SLOTS = keys.slots("service:checkout")
LATCH = keys.latch("shift-alias", "123456789012")


def passed(found: dict[Key, Item], policy: Policy | None = None, **step: Any) -> dict[str, Any]:
    """The writes of a first intent, by label, when these items stand on its brakes."""
    incident = an_incident(state=State.PLANNED, policy=policy or a_policy())
    return {write.label: write for write in the_brakes(incident, found).before(a_step(**step), AT, first=True)}


def test_a_slot_is_taken_under_the_condition_that_one_is_free_or_that_it_is_ones_own() -> None:
    slot = passed({})["SEM"]
    assert (slot.key, slot.update) == (SLOTS, "ADD #holders :one")
    assert slot.condition == "attribute_not_exists(#holders) OR size(#holders) < :max OR contains(#holders, :inc)"
    assert values(slot) == {":max": 1, ":inc": MINE, ":one": {MINE}}


@pytest.mark.parametrize(
    ("holders", "most", "free"),
    [({"i-2"}, 1, False), ({"i-2"}, 2, True), ({"i-2", "i-3"}, 2, False), ({"i-2", MINE}, 2, True), ({MINE}, 1, True)],
)
def test_so_many_act_at_once_and_who_holds_a_slot_goes_on(holders: set[str], most: int, free: bool) -> None:
    policy = a_policy(safeguards={"concurrency": {"max": most}})
    if free:
        assert values(passed({SLOTS: {"holders": holders}}, policy)["SEM"])[":max"] == most
    else:
        with pytest.raises(Refused, match=rf"i-2.* already act on service:checkout, and at most {most} may at once"):
            passed({SLOTS: {"holders": holders}}, policy)


def test_what_was_denied_is_latched_and_says_by_whom_until_a_person_released_it() -> None:
    with pytest.raises(Refused, match="shift-alias was denied in account 123456789012 by i-9: it stays latched until"):
        passed({LATCH: {"state": "open", "incident": "i-9", "at": 1}})
    check = passed({LATCH: {"state": "closed", "incident": "i-9", "at": 1}})["DENY"]
    assert (check.verb, check.key, check.condition) == (
        "Check", LATCH, "attribute_not_exists(#pk) OR #state = :closed",
    )  # fmt: skip
    assert values(check) == {":closed": "closed"}


def ill(count: int, *, ago: int = 0, window: int = 1) -> dict[Key, Item]:
    """So many subjects of the kind, marked so long ago."""
    subjects = {f"arn:aws:lambda:::function:f{n}:live": NOW - ago for n in range(count)}
    return {unwell_keys("checkout", "lambda:alias", AT)[window]: subjects | {"ttl": NOW, "pk": "ILL#", "sk": "-"}}


@pytest.mark.parametrize(
    ("count", "fleet", "held"),
    [(1, 1, False), (2, 2, False), (2, 3, False), (3, 3, True), (3, 5, True), (3, 6, False), (10, 20, False),
     (11, 20, True), (54, 100, False), (55, 100, True)],
)  # fmt: skip
def test_at_55_percent_unwell_nothing_is_done_and_fewer_than_three_are_never_too_many(
    count: int, fleet: int, held: bool
) -> None:
    if held:
        with pytest.raises(Refused, match=rf"{count} of {fleet} of its kind in checkout are unwell: from 55 % on"):
            passed(ill(count), fleet=fleet)
    else:
        assert "SEM" in passed(ill(count), fleet=fleet)


def test_a_subject_that_was_marked_in_both_windows_is_unwell_once() -> None:
    before, now = ill(3, ago=60, window=0), ill(3, window=1)
    assert len(unwell([*before.values(), *now.values()], AT)) == 3


@pytest.mark.parametrize("ago", [int(UNWELL.total_seconds()), 10**6])
def test_what_was_unwell_a_quarter_of_an_hour_ago_is_forgotten(ago: int) -> None:
    assert "SEM" in passed(ill(9, ago=ago), fleet=9)
    with pytest.raises(Refused, match="unwell"):
        passed(ill(9, ago=int(UNWELL.total_seconds()) - 1, window=0), fleet=9)


@pytest.mark.parametrize("later", range(0, 1800, 100))
def test_a_mark_is_found_for_as_long_as_it_counts_however_the_windows_fall(later: int) -> None:
    mark = mark_unwell(a_brief(), AT)
    when = AT + timedelta(seconds=later)
    found = mark.key in unwell_keys("checkout", "lambda:alias", when)
    assert found or later >= UNWELL.total_seconds()
    assert set(unwell([{ALIAS: NOW}], when)) == ({ALIAS} if later < UNWELL.total_seconds() else set())
