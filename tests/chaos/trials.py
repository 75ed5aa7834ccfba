"""Every seeded bug is tried until it shows: which check caught it, in which scenario, by which schedule."""

from typing import NamedTuple

from tests.chaos.mutants import MUTANTS
from tests.chaos.scenario import Suite
from tests.chaos.scenarios import BY_NAME
from tests.chaos.search import explore, spelled
from tests.chaos.seeding import Mutant, seeded

LIMIT = 4000


class Trial(NamedTuple):
    """What came of one mutant. `by` is the check that caught it, empty when none did."""

    number: str
    about: str
    by: str
    scenario: str
    schedule: str
    schedules: int
    harmless: str

    @property
    def as_expected(self) -> bool:
        """Caught, unless its row says that another wall hides it."""
        return bool(self.by) != bool(self.harmless)


def tried(mutant: Mutant, *, limit: int = LIMIT) -> Trial:
    """Look for it in its scenarios, under one bound after the other."""
    count = 0
    with seeded(mutant):
        for bound in mutant.bounds:
            for name in mutant.scenarios:
                found = explore(Suite(BY_NAME[name]), bound, limit=limit, stop=True, known=BY_NAME[name].known)
                count += found.schedules
                if found.violations:
                    check, (_, deviations) = next(iter(found.violations.items()))
                    checks = ", ".join(sorted(found.violations)) or check
                    return Trial(mutant.number, mutant.about, checks, name, spelled(deviations), count, mutant.harmless)
    return Trial(mutant.number, mutant.about, "", "", "", count, mutant.harmless)


def all_tried(limit: int = LIMIT) -> list[Trial]:
    """Every mutant."""
    return [tried(mutant, limit=limit) for mutant in MUTANTS]
