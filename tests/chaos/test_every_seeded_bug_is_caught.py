"""The explorer is only as good as the bugs it finds: each seeded one shows within one preemption and one fault."""

import pytest

from tests.chaos.mutants import MUTANTS
from tests.chaos.seeding import Mutant
from tests.chaos.trials import tried

SHOWN = [mutant for mutant in MUTANTS if not mutant.harmless]
ENOUGH = 2700
"""Schedules of one scenario within which each shows; nearly all show within a few dozen."""


@pytest.mark.parametrize("mutant", SHOWN, ids=lambda mutant: mutant.number)
def test_it_is_caught(mutant: Mutant) -> None:
    trial = tried(mutant, limit=ENOUGH)
    assert trial.by, f"{mutant.about}: {trial.schedules} schedules, and nothing is wrong"
