"""The benchmark of this package runs and its made-up input is fit for it."""

import json

from edsr.pattern import Index
from tests.bench import pattern as bench


def test_the_made_patterns_are_many_and_the_first_matches_the_made_event() -> None:
    patterns = bench.made_patterns()
    assert len(patterns) == 1000
    assert Index({str(number): one for number, one in enumerate(patterns)}).match(bench.made_event()) == {"0"}


def test_the_figures_can_be_written_down() -> None:
    figures = bench.run()
    assert json.loads(json.dumps(figures)) == figures
    assert figures["patterns"] == 1000
