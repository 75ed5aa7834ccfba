"""Temporary measures: in place until they are undone, due by whichever clock, renewed so often."""

from datetime import timedelta
from typing import Any

import pytest

from edsr.errors import Refused
from edsr.ports import Item
from edsr.protocol import keys
from edsr.protocol.measures import Measure, due, live, renew
from edsr.times import epoch
from plan.draw import draw
from tests.things import AT
from tests.unit.attempts import values
from tests.unit.test_a_plan_leaves_nothing_open import a_world, an_action, only, playbook, step

NOW = epoch(AT)


def a_measure(n: int = 1, **changes: Any) -> Measure:
    said = {"expires_at": NOW, "lasts": 600, "renewals": 0, "most": 2} | changes
    return Measure(n=n, **said)


def items(**steps: str) -> dict[str, Item]:
    """The items of an incident with two measures; `revert1` says how the undoing of the first stands."""
    measure = {"expires_at": NOW, "lasts": 600, "renewals": 0, "max": 2}
    found: dict[str, Item] = {f"EXP#{n}": {"sk": f"EXP#{n}", **measure} for n in (1, 2)}
    undone = {f"STEP#{name[-1]}#revert": {"st": status} for name, status in steps.items()}
    return found | undone | {"HEAD": {"sk": "HEAD"}, "STEP#1#apply": {"st": "DONE"}}


def test_a_step_says_how_long_its_effect_lasts_and_how_often_it_may_be_renewed() -> None:
    drawn = only(draw(playbook(step(lasts="PT10M", renew=3)), a_world(an_action(restores=False))))
    assert (drawn.expires, drawn.renew) == (600, 3)
    assert only(draw(playbook(step()), a_world())).expires is None


@pytest.mark.parametrize("status", ["DONE", "RECOVERED", "NOOP", "GONE"])
def test_what_was_undone_is_over(status: str) -> None:
    assert [measure.n for measure in live(items(revert1=status))] == [2]


@pytest.mark.parametrize("status", ["INTENT", "UNKNOWN", "DENIED", "REFUSED"])
def test_what_could_not_be_undone_is_still_in_place(status: str) -> None:
    assert [measure.n for measure in live(items(revert1=status))] == [1, 2]


def test_a_measure_is_due_also_by_a_clock_that_is_five_seconds_ahead() -> None:
    measures = [a_measure(n, expires_at=NOW + n) for n in (-1, 0, 5, 6)]
    assert [measure.n for measure in due(measures, AT)] == [-1, 0, 5]


def test_a_renewal_is_counted_once_and_lasts_as_long_again_from_now() -> None:
    write = renew("i-1", a_measure(renewals=1), AT + timedelta(seconds=30))
    assert (write.label, write.key, write.condition) == ("EXP 1", keys.measure("i-1", 1), "#renewals = :renewals")
    assert values(write) == {":renewals": 1, ":next": 2, ":until": NOW + 630}


@pytest.mark.parametrize(("renewals", "most", "spent"), [(0, 0, True), (0, 1, False), (1, 1, True), (2, 3, False)])
def test_a_measure_that_may_not_be_renewed_any_more_is_spent(renewals: int, most: int, spent: bool) -> None:
    assert a_measure(renewals=renewals, most=most).spent is spent


@pytest.mark.parametrize("action", [an_action(reversible=False, restores=False), an_action(restores=True)])
def test_what_may_not_be_undone_cannot_be_temporary(action: Any) -> None:
    with pytest.raises(Refused, match="shift-alias may not be undone, so it is no temporary measure"):
        draw(playbook(step(lasts="PT10M")), a_world(action))
