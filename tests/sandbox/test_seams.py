"""Each seam closes a gap of the published engine, and is removed when the engine closes it itself."""

from pathlib import Path

import pytest

from tests.sandbox.estate import Estate
from tests.sandbox.guards import GUARDS
from tests.sandbox.probes import PROBES, Probe

SEAMS = Path(__file__).parents[2] / "cli" / "sandbox" / "seams"
each_seam = pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.__name__)
each_guard = pytest.mark.parametrize("probe", GUARDS, ids=lambda probe: probe.__name__)


def test_every_seam_has_a_probe() -> None:
    assert sorted(path.stem for path in SEAMS.glob("*.py")) == sorted(probe.__name__ for probe in (*PROBES, *GUARDS))


@pytest.mark.sandbox
@each_seam
def test_without_its_seam_the_gap_is_there(published: Estate, probe: Probe) -> None:
    assert not probe(published), f"the engine does this itself now: remove cli/sandbox/seams/{probe.__name__}.py"


@pytest.mark.sandbox
@each_guard
def test_without_its_seam_permissions_are_judged_otherwise(published_guarded: Estate, probe: Probe) -> None:
    assert not probe(published_guarded), f"the engine does this now: remove cli/sandbox/seams/{probe.__name__}.py"


@pytest.mark.sandbox
@each_seam
def test_with_its_seam_the_gap_is_closed(seamed: Estate, probe: Probe) -> None:
    assert probe(seamed)


@pytest.mark.sandbox
@each_guard
def test_with_its_seam_permissions_are_judged_as_on_aws(guarded: Estate, probe: Probe) -> None:
    assert probe(guarded)
