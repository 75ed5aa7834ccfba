"""How a run of game days is told on the command line: as it goes on, and what came of it."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from cli import say
from cli.gameday import report
from cli.gameday.asking import Asking
from cli.gameday.running import Result
from cli.gameday.truth import Compared
from edsr.indicators.table import INDICATORS, Indicator


def silent(_what: str, _why: str) -> None:
    """With --json only the end is said."""


def progress(began: float, what: str, why: str) -> None:
    """What happens, and how long after the beginning."""
    say.moment(f"{time.monotonic() - began:6.1f} s  {what}", why)


def truth(results: Sequence[Result]) -> None:
    """Each measure beside what is known of it: on how many days, and on how many audit and metrics are right."""
    found = [one for result in results for one in result.found.compared]
    rows = [(one, [each for each in found if each.audited.indicator is one]) for one in INDICATORS]
    if not found:
        return
    say.out.print()
    say.table(
        ("measure", "known of", "right", "least", "most"),
        ((f"{one.id} {one.title}", *_compared(one, those)) for one, those in rows if those),
        one_word=True,
    )
    say.line(f"day by day: {report.measures(results)}")


def _compared(indicator: Indicator, those: Sequence[Compared]) -> tuple[object, ...]:
    right = sum(not one.wrong for one in those)
    said = sorted(one.audited.value for one in those if one.audited.value is not None)
    ends = [f"{value:,.4g} {indicator.unit}".rstrip() for value in (said[:1] + said[-1:])] or ["-", "-"]
    return say.count(len(those), "day"), (f"{right} of {len(those)}", "good" if right == len(those) else "bad"), *ends


def answers(asked: Mapping[str, Sequence[Asking]], wrong: Sequence[str]) -> None:
    """How many rows each named query came to in each lane, and what may not have come of it."""
    if not asked:
        return
    rows = {lane: {one.name: len(one.rows) for one in found} for lane, found in asked.items()}
    names = dict.fromkeys(name for lane in rows.values() for name in lane)
    say.out.print()
    say.table(
        ("named query", *(f"rows, {lane}" for lane in rows)),
        ((name, *(lane.get(name, "-") for lane in rows.values())) for name in names),
        one_word=True,
    )
    for line in wrong:
        say.line(line, "bad")
    say.line(f"the answers: {report.answers(asked)}")


def results(found: Sequence[Result], seconds: float, sandboxes: Path) -> None:
    """A line for each day, then what is wrong and where to look."""
    say.out.print()
    say.table(
        ("game day", "came out", "detect", "remediate", "changes", "pages", "took"),
        (
            (
                result.day.id,
                ("passed", "good") if result.passed else ("FAILED", "bad"),
                _seconds(result.found.seconds_to_detect),
                _seconds(result.found.seconds_to_remediate),
                _changes(result.found.counted),
                len(result.found.pages),
                f"{result.seconds:.0f} s",
            )
            for result in found
        ),
        one_word=True,
    )
    for result in found:
        for line in result.wrong:
            say.line(f"{result.day.id}: {line}", "bad")
        if result.wrong:
            logs = sandboxes / "lane-*" / ".edsr" / "engine.log"
            say.line(f"{result.day.id}: the report is {report.page_of(result)}; the engines' logs: {logs}")
    passed = sum(result.passed for result in found)
    tone = "good" if passed == len(found) else "bad"
    say.line(
        f"{passed} of {say.count(len(found), 'game day')} passed in {seconds:.0f} s; reports: {report.REPORTS}", tone
    )


def _changes(counted: Mapping[str, int]) -> str:
    """By operation alone, so that it fits beside the rest; the report says of which service."""
    return ", ".join(f"{call.rpartition(':')[2]} {count}" for call, count in counted.items()) or "none"


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"
