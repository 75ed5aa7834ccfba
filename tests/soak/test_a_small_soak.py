"""A small soak: a few findings, a few kills, no restart; `make soak` does the whole."""

from pathlib import Path

import pytest

from tests.soak.report import progress
from tests.soak.run import Asked, Soak, prepared


@pytest.mark.soak
def test_eight_subjects_under_fire_keep_every_promise(tmp_path: Path) -> None:
    asked = Asked(findings=40, subjects=8, kills=4, restarts=0, limit=240)
    result = Soak(asked, prepared(tmp_path / "home"), progress).run(print)
    assert result.violations == []
    assert sum(result.kills.values()) > 0
    assert result.incidents == 40
    assert result.effects > 0
