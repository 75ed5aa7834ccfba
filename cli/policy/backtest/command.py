"""`edsr policy backtest`: recorded events through the same pure chain, and what a change of policies changes."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli import POLICIES, say
from cli.errors import Unavailable
from cli.policy import chosen
from cli.policy.backtest import page, revision, tables
from cli.policy.backtest.recorded import Recording
from cli.policy.backtest.run import run
from cli.policy.backtest.side import Side, side
from cli.policy.options import Json
from edsr.errors import DocumentInvalid
from edsr.model import Mode
from infra.config import load

EVERY = 5_000
"""Events between two looks at the clock."""

Place = Annotated[Path, typer.Argument(help="A folder laid out like policies/.", metavar="POLICIES")]
Source = Annotated[
    str,
    typer.Option("--events", help="JSON lines, a JSON array, CloudTrail's files; gzip or not; a folder; - for a pipe."),
]
Against = Annotated[str | None, typer.Option("--against", help="Compare with the policies at this git revision.")]
Environment = Annotated[str | None, typer.Option("--environment", help="Modes as this environment sets them.")]
Everywhere = Annotated[Mode | None, typer.Option("--mode", help="Decide as if every policy were in this mode.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page here.")]


def command(
    events: Source,
    policies: Place = POLICIES,
    against: Against = None,
    mode: Everywhere = None,
    environment: Environment = None,
    html: Html = None,
    json: Json = False,
) -> None:
    """Ask the policies what they would have done about recorded events. Nothing is able to act.

    Who acts or asks is taken to hold its subject until its probe's `within` is over, and then to leave it alone for
    its cooldown; nothing else is taken to be engaged. Events should come in the order of time.
    """
    chosen.policies(policies)
    modes = load(environment).modes if environment else {}
    with ExitStack() as kept:
        now, before = side(policies, modes, mode), None
        if against:
            before = _before(
                kept.enter_context(revision.at(against, policies)), against, lambda old: side(old, modes, mode)
            )
        recording = Recording(events, reads=now.reads or bool(before and before.reads))
        began = time.perf_counter()
        with _progress(recording, quiet=json) as seen:
            result = run(recording, now, before, seen)
        about = About(events, against, result.events / max(time.perf_counter() - began, 1e-9), recording)
    if not result.events and recording.unreadable:
        raise Unavailable(f"{events} holds no events: {recording.examples[0]}")
    if html:
        page.write(html, result, about.as_json())
    if json:
        say.as_json({**about.as_json(), **result.as_json()})
    else:
        tables.tell(result, about.as_json())
        if html:
            say.line(f"the same as a page: {html}")


@dataclass
class About:
    """What was run: on what, against what, how fast, and what could not be read."""

    source: str
    against: str | None
    rate: float
    recording: Recording

    def as_json(self) -> dict[str, Any]:
        """For programs, and for the page."""
        return {
            "source": self.source,
            "against": self.against,
            "events_per_second": round(self.rate),
            "undelivered": dict(self.recording.undelivered),
            "unreadable": self.recording.unreadable,
            "unreadable_examples": self.recording.examples,
        }


def _before(folder: Path, against: str, read: Callable[[Path], Side]) -> Side:
    try:
        return read(folder)
    except DocumentInvalid as exc:
        name = Path(exc.file).relative_to(folder.parent)
        raise Unavailable(f"{name} at {against} cannot be read as policies are now: {exc.path}: {exc.reason}") from exc


@contextmanager
def _progress(recording: Recording, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Events so far and how fast, on a terminal's standard error; nothing anywhere else."""
    if quiet or not say.err.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=say.err, transient=True) as bar:
        task, began = bar.add_task("reading", total=recording.size or None), time.perf_counter()

        def seen(events: int) -> None:
            if events % EVERY == 0:
                rate = events / (time.perf_counter() - began)
                bar.update(task, completed=recording.done, description=f"{events:,} events, {rate:,.0f} a second")

        yield seen
