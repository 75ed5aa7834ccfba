"""A report tells what happened, what was done and what was measured, and takes nothing in it for markup."""

import json
from pathlib import Path

from cli.gameday.measuring import Figure, Measure
from cli.gameday.report import entries, record, strip, write
from cli.gameday.running import Result
from tests.gameday.evidence import a_day, a_page, sound

FAILED = Measure.model_validate(
    {"name": "failed-calls", "say": "failed | calls", "of": "failed", "way": "sum", "most": 3}
)


def result(*wrong: str) -> Result:
    """A day's result."""
    found = sound(
        figures=(Figure(FAILED, 2.0),), pages=(a_page("look <now>\nplease"),), faults={"lost lambda:UpdateAlias": 1}
    )
    return Result(a_day(), found, wrong, 12.34)


def test_the_page_tells_all_of_it(tmp_path: Path) -> None:
    page = write(result(), tmp_path).read_text()
    for said in (
        "passed",
        "a release goes out",
        "shift-alias checkout:live",
        "version 2 -&gt; 1",
        "failed | calls",
        "≤ 3",
    ):
        assert said in page
    assert "A &lt;b&gt;day&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "look &lt;now&gt;" in page


def test_the_day_is_shown_to_scale(tmp_path: Path) -> None:
    marks = strip(entries(result().found))
    assert (marks[0].x, marks[-1].x) == (0, 1000)
    assert [mark.x for mark in marks] == sorted(mark.x for mark in marks)
    assert write(result(), tmp_path).read_text().count("<circle") == len(marks)
    assert strip([]) == []


def test_the_markdown_tells_the_same(tmp_path: Path) -> None:
    write(result("expected 1, saw 2"), tmp_path)
    text = (tmp_path / "a-day.md").read_text()
    for said in (
        "failed",
        "expected 1, saw 2",
        "| 03:04:00.000 | 0.0 s | a release goes out | release |",
        "failed \\| calls",
    ):
        assert said in text
    assert "lost lambda:UpdateAlias 1" in text
    assert "<now>" not in text


def test_only_what_passed_is_recorded_beside_what_was_before(tmp_path: Path) -> None:
    file = tmp_path / "gamedays.json"
    file.write_text(json.dumps({"gamedays": {"earlier": {"seconds": 1}}}))
    record([result("something is wrong")], file)
    assert list(json.loads(file.read_text())["gamedays"]) == ["earlier"]
    record([result()], file)
    found = json.loads(file.read_text())["gamedays"]
    assert sorted(found) == ["a-day", "earlier"]
    assert found["a-day"]["time_to_detect_s"] == 1.0
    assert found["a-day"]["measures"] == {"failed-calls": 2.0}
