"""Every schedule of every scenario within its fast bound: `make chaos` goes further."""

import pytest

from tests.chaos.scenario import Scenario, Suite
from tests.chaos.scenarios import SCENARIOS
from tests.chaos.search import explore, play, read, spelled


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_it_keeps_them(scenario: Scenario) -> None:
    found = explore(Suite(scenario), scenario.fast)
    said = [
        f"{flaw}  replay: python -m tests.chaos --replay {scenario.name} {spelled(deviations)}"
        for flaw, deviations in found.violations.values()
    ]
    assert found.complete
    assert set(found.violations) == scenario.known, said


def test_a_schedule_played_again_is_the_same() -> None:
    scenario = next(scenario for scenario in SCENARIOS if scenario.name == "duplicate")
    first, second = (play(Suite(scenario), read("4:1,12:2"), said=True) for _ in range(2))
    assert first.schedule.taken == second.schedule.taken
    assert [entry.call.said for entry in first.schedule.world.ledger] == [
        entry.call.said for entry in second.schedule.world.ledger
    ]
