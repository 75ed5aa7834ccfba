"""`edsr gameday`: which game days there are, and running them."""

import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli import BUILD, say
from cli.errors import FAULT
from cli.gameday import documents, report
from cli.gameday.running import Result, run
from cli.gameday.scenario import Scenario
from cli.options import Json

app = typer.Typer(
    no_args_is_help=True, help="Incidents made on purpose, and what must be true of the suite afterwards."
)
SANDBOX = BUILD / "gamedays" / "sandbox"


@app.command("list")
def list_days(json: Json = False) -> None:
    """List the game days."""
    days = documents.every()
    if json:
        say.as_json({"gamedays": [_summary(day) for day in days]})
        return
    say.table(("game day", "covers", "what happens"), ((day.id, ", ".join(day.covers), day.title) for day in days))
    say.line(say.count(len(days), "game day"))


@app.command("run")
def run_days(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME...", help="Which game days.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    json: Json = False,
) -> None:
    """Run game days in a sandbox of their own, and write a report of each."""
    if every == bool(names):
        raise typer.BadParameter("name game days, or say --all", param_hint="NAME")
    days = documents.every() if every else documents.named(names or [])
    began = time.monotonic()
    results = run(days, SANDBOX, _silent if json else partial(_progress, began))
    pages = [report.write(result) for result in results]
    if json:
        say.as_json({"gamedays": [result.as_json() for result in results]})
    else:
        _tell(results, pages, time.monotonic() - began)
    raise typer.Exit(0 if all(result.passed for result in results) else FAULT)


def _silent(_what: str, _why: str) -> None:
    """With --json only the end is said."""


def _progress(began: float, what: str, why: str) -> None:
    say.moment(f"{time.monotonic() - began:6.1f} s  {what}", why)


def _tell(results: list[Result], pages: list[Path], seconds: float) -> None:
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
                ", ".join(f"{call} {count}" for call, count in result.found.counted.items()) or "none",
                len(result.found.pages),
                f"{result.seconds:.0f} s",
            )
            for result in results
        ),
        one_word=True,
    )
    for result, page in zip(results, pages, strict=True):
        for line in result.wrong:
            say.line(f"{result.day.id}: {line}", "bad")
        if result.wrong:
            say.line(f"{result.day.id}: the report is {page}; engine's log: {SANDBOX / '.edsr' / 'engine.log'}")
    passed = sum(result.passed for result in results)
    tone = "good" if passed == len(results) else "bad"
    say.line(
        f"{passed} of {say.count(len(results), 'game day')} passed in {seconds:.0f} s; reports: {report.REPORTS}", tone
    )


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f} s"


def _summary(day: Scenario) -> dict[str, object]:
    return {"name": day.id, "title": day.title, "covers": list(day.covers), "real": day.real}
