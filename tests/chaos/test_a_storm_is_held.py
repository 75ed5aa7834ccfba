"""Hundreds of findings at once: the brakes hold, each finding is accounted for, and what is old is only observed."""

from collections import Counter
from typing import Any

import pytest

from edsr.model import Kind, State
from edsr.protocol.brakes import UNWELL_PERCENT
from tests.chaos import facts, search
from tests.chaos.history import History, flaws
from tests.chaos.scenario import FREE, Arrival, Played, Scenario, Suite

EACH = ({"steps": [{"action": "shift-alias", "target.$": "subject.arn", "with": {"to": "1"}}]},)


def storm(unwell: int, fleet: int, copies: int = 1, old: int = 0, **said: Any) -> Scenario:
    """So many of a fleet are found to be unwell at once, each as often as there are copies."""
    arrivals = tuple(Arrival(subject=f"f{number}", minutes_old=old) for number in range(unwell)) * copies
    return Scenario(
        "storm",
        "many findings at once",
        stages=EACH,
        arrivals=arrivals,
        targets=tuple(f"f{number}" for number in range(fleet)),
        alarm="OK",
        most_steps=50_000,
        **said,
    )


def acted(played: Played) -> int:
    return sum(count for (_, _, direction), count in History(played).effects.items() if direction == "apply")


def states(played: Played) -> Counter[str]:
    return Counter(str(head["st"]) for head in History(played).heads.values())


def pages(played: Played) -> int:
    """How often the topic of the pages was told, by the patterns of its rules."""
    calls = [entry.call for entry in played.schedule.world.ledger if not entry.error]
    made = [record for call in calls for record in facts.records(call)]
    told = [record.body for record in made if record.kind in (Kind.DECISION, Kind.CLOSE)]
    return sum(
        ("decision" in body and body["decision"]["verdict"] == "escalate") or _ended_badly(body) for body in told
    )


def _ended_badly(body: dict[str, Any]) -> bool:
    return body.get("state") in ("ESCALATED", "REVERTED", "ABORTED") and not {"recovered", "storm"} & body.keys()


def test_a_few_of_a_large_fleet_are_repaired_one_at_a_time_and_no_more_than_the_rate_lets() -> None:
    limits = {**FREE, "rate": {"max": 3}, "concurrency": {"max": 1}}
    played = search.play(Suite(storm(40, 400, copies=3, policy={"safeguards": limits})), {})
    assert flaws(played) == []
    assert 1 <= acted(played) <= 3
    assert sum(states(played).values()) == 40, "each finding is one incident, however often it came"


def test_every_one_of_a_storm_that_no_brake_holds_is_repaired_once() -> None:
    limits = {**FREE, "rate": {"max": 1000}, "concurrency": {"max": 50}}
    played = search.play(Suite(storm(40, 400, copies=3, policy={"safeguards": limits})), {})
    assert flaws(played) == []
    assert max(History(played).effects.values()) == 1
    assert states(played)[State.RESOLVED] == acted(played)


def test_nothing_is_done_once_most_of_a_fleet_is_unwell() -> None:
    """What was begun before so many were known may go on; after that the observer is not believed."""
    limits = {**FREE, "rate": {"max": 1000}, "concurrency": {"max": 50}}
    fleet = 40
    played = search.play(Suite(storm(fleet, fleet, policy={"safeguards": limits})), {})
    assert flaws(played) == []
    assert acted(played) * 100 < UNWELL_PERCENT * fleet
    held = states(played)[State.ABORTED] + states(played)[State.OBSERVED]
    assert held * 100 >= (100 - UNWELL_PERCENT) * fleet


@pytest.mark.parametrize(("fleet", "limits"), [(40, {"rate": {"max": 3}, "concurrency": {"max": 1}}), (400, {})])
def test_a_storm_is_one_page_whatever_was_admitted_before_it(fleet: int, limits: dict[str, Any]) -> None:
    said = limits | {"storm": {"subjects": 10}}
    played = search.play(Suite(storm(40, fleet, policy={"safeguards": said})), {})
    assert flaws(played) == []
    assert pages(played) == 1
    assert acted(played) < 10


@pytest.mark.parametrize("times", [1, 2])
def test_what_is_redriven_when_it_is_old_is_observed_and_nothing_else(times: int) -> None:
    played = search.play(Suite(storm(500, 500, copies=times, old=16)), {})
    assert states(played) == {State.OBSERVED: 500}
    assert played.states.executions == {}
    assert not [entry for entry in played.schedule.world.ledger if facts.changes_estate(entry.call)]
