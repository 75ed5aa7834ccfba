"""`edsr report`: the measures M1 to M10 of a period, against their targets, as a table and as a page."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli import BUILD, say
from cli.account import account
from cli.chains import every
from cli.options import Json, Profile
from cli.page import TEMPLATES
from cli.scorecard import Scorecard, as_json, scorecard
from edsr.indicators.totals import Figure, target, text
from edsr.ports import utc_now
from edsr.times import iso, parse

SPAN = re.compile(r"(\d{1,3})([hdw])")
UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def report(
    since: Annotated[str, typer.Option("--since", help="From when on: 24h, 7d, 4w, or 2026-03-01T00:00Z.")] = "30d",
    html: Annotated[Path | None, typer.Option("--html", help="Where the page goes: build/report.html.")] = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Tell the measures of a period with their targets, and write them as a page."""
    now = utc_now()
    card = scorecard(every(account(profile)), begin(since, now), now)
    file = write(card, html)
    if json:
        say.as_json(as_json(card) | {"page": str(file)})
        return
    tell(card)
    say.line(f"as a page: {file}")


def begin(text: str, now: datetime) -> datetime:
    """`24h`, `7d`, `4w` ago, or a time that is over; usage is told when it is none of them."""
    short = SPAN.fullmatch(text)
    try:
        at = now - timedelta(**{UNITS[short[2]]: int(short[1])}) if short else parse(text)
    except ValueError as exc:
        raise typer.BadParameter(f"{text!r}: write 24h, 7d, 4w, or 2026-03-01T00:00Z", param_hint="--since") from exc
    if at >= now:
        raise typer.BadParameter(f"{text!r} is not over yet", param_hint="--since")
    return at


def tell(card: Scorecard) -> None:
    """Print it."""
    say.table(
        ("", "measure", "figure", "target", "", "of", "what counts"),
        (
            (one.indicator.id, one.indicator.title, text(one), target(one), word(one), one.samples, one.indicator.how)
            for one in card.figures
        ),
        title=f"{iso(card.since)} to {iso(card.until)}",
        one_word=True,
    )
    say.table(
        ("policy", "findings", "actions", "succeeded", "time", "false", "precision"),
        (
            (
                part.name,
                part.findings,
                part.actions,
                *(text(part.figures[name]) for name in ("M3", "M2", "M4")),
                "-" if part.precision is None else f"{part.precision:.0f} %",
            )
            for part in card.policies
        ),
    )
    if card.unreadable:
        say.line(f"{card.unreadable} rows of the audit hold no record: `edsr audit verify` names them", "bad")
    say.line(card.summary, "bad" if card.missed else "good")


def word(figure: Figure) -> tuple[str, str]:
    """Whether the target is met, as a word with its tone."""
    return {True: ("met", "good"), False: ("missed", "bad"), None: ("", "plain")}[figure.met]


def render(card: Scorecard) -> str:
    """The page's HTML: no script, no request, hostile text escaped, readable on a phone and on one printed page."""
    return TEMPLATES.get_template("report.html.j2").render(card=card, text=text, target=target, word=word, iso=iso)


def write(card: Scorecard, file: Path | None = None) -> Path:
    """Write the page."""
    file = file or BUILD / "report.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(card), encoding="utf-8")
    return file
