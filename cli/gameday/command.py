"""`edsr gameday`: which game days there are, and running them."""

import time
from collections.abc import Iterator
from functools import partial
from typing import Annotated

import typer

from cli import BUILD, say
from cli.account import account
from cli.errors import FAULT
from cli.gameday import asking, documents, elsewhere, report, telling
from cli.gameday.player import Tell
from cli.gameday.running import Result, run, run_elsewhere
from cli.gameday.scenario import Scenario
from cli.options import Json
from edsr.ports import utc_now

app = typer.Typer(
    no_args_is_help=True, help="Incidents made on purpose, and what must be true of the suite afterwards."
)
SANDBOXES = BUILD / "gamedays" / "sandboxes"
LANES = 3


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
    lanes: Annotated[
        int, typer.Option(help="So many days at once, each with a sandbox of its own.", min=1, max=8)
    ] = LANES,
    record: Annotated[bool, typer.Option("--record", help="Write the figures to docs/gamedays.json.")] = False,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A real account, by its AWS profile; you are asked to confirm it.")
    ] = None,
    json: Json = False,
) -> None:
    """Run game days in a sandbox of their own, and write a report of each.

    In a real account only those run that need nothing but an estate of their own (`list --json` says `real`), never
    while a calendar's freeze lasts or an incident is open, and after its number was typed.
    """
    if every == bool(names):
        raise typer.BadParameter("name game days, or say --all", param_hint="NAME")
    days = documents.every() if every else documents.named(names or [])
    began = time.monotonic()
    tell = telling.silent if json else partial(telling.progress, began)
    playing = run(days, SANDBOXES, tell, lanes) if profile is None else _elsewhere(days, profile, tell)
    results = [_reported(result, tell, record=record) for result in playing]
    asked = {} if profile else {lane.name: asking.ask(lane) for lane in asking.kept(SANDBOXES)}
    wrong = [f"{lane}: {line}" for lane, found in asked.items() for line in asking.problems(found)]
    if json:
        rows = {lane: {one.name: len(one.rows) for one in found} for lane, found in asked.items()}
        said = [result.as_json() for result in results]
        say.as_json({"gamedays": said, "queries": rows, "wrong": wrong})
    else:
        telling.truth(results)
        telling.answers(asked, wrong)
        telling.results(results, time.monotonic() - began, SANDBOXES)
    raise typer.Exit(FAULT if wrong or not all(result.passed for result in results) else 0)


def _reported(result: Result, tell: Tell, *, record: bool) -> Result:
    """Its report is written as soon as the day is over."""
    page = report.write(result)
    if record:
        report.record([result])
    tell("passed" if result.passed else "FAILED", f"{result.day.id}: {page}")
    return result


def _elsewhere(days: list[Scenario], profile: str, tell: Tell) -> Iterator[Result]:
    """In a real account, once everything speaks for it and a person has typed its number."""
    here = account(profile)
    elsewhere.check(here, days, utc_now())
    number = str(here.client("sts").get_caller_identity()["Account"])
    asked = f"{', '.join(day.id for day in days)} in account {number} ({profile}): type its number to go on"
    elsewhere.confirmed(here, number, typer.prompt(asked, err=True))
    return run_elsewhere(days, here, tell)


def _summary(day: Scenario) -> dict[str, object]:
    return {"name": day.id, "title": day.title, "covers": list(day.covers), "real": day.real}
