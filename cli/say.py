"""How the commands answer: tables and colours for people, JSON for programs."""

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from edsr.legible import legible

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

TONES = {"good": "green", "warn": "yellow", "bad": "red", "soft": "dim", "strong": "bold", "plain": ""}


def as_json(value: Any) -> None:
    """Print a JSON value."""
    print(json.dumps(value, indent=2, default=str))


def line(text: str, tone: str = "plain") -> None:
    """Print one line; what it says is never taken for markup."""
    out.print(_text(text, tone), soft_wrap=True)


def _text(said: object, tone: str = "plain") -> Text:
    """Never markup, and nothing in it that steers the terminal."""
    return Text(legible(str(said)), style=TONES[tone])


def count(number: int, thing: str) -> str:
    """`1 test`, `2 tests`, `1,000 policies`."""
    consonant = thing.endswith("y") and thing[-2:-1] not in "aeo"
    many = f"{thing.removesuffix('y')}ies" if consonant else f"{thing}s"
    return f"{number:,} {thing if number == 1 else many}"


def moment(what: str, why: str) -> None:
    """Print one thing that happens, as it happens."""
    row = Table.grid(padding=(0, 2))
    row.add_column(width=26, overflow="fold")
    row.add_column(overflow="fold")
    row.add_row(_text(what, "strong"), _text(why, "soft"))
    out.print(row)


def problem(text: str) -> None:
    """Print an error to the standard error."""
    err.print(Text.assemble(("error: ", "red"), legible(text)))


def table(
    columns: Iterable[str],
    rows: Iterable[Iterable[Any]],
    title: str | None = None,
    *,
    one_word: bool = False,
    indent: int = 0,
) -> None:
    """Print a table; cells may be text with a tone, as `(text, tone)`. `one_word` keeps the first column whole."""
    columns = list(columns)
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    made.show_header = any(columns)
    for number, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=number == 0 and one_word)
    for row in rows:
        made.add_row(*(_text(*cell) if isinstance(cell, tuple) else _text(cell) for cell in row))
    out.print(Padding(made, (0, 0, 0, indent), expand=False))


def gates(rows: Iterable[dict[str, Any]], title: str | None = None) -> None:
    """Print every gate's answer: what it saw, its limit, and its reason; an unknown fact is no refusal of its own."""
    cells = []
    for row in rows:
        answer = "allowed" if row["allowed"] else "unknown" if row["observed"] is None else "refused"
        tone = {"allowed": "good", "unknown": "warn", "refused": "bad"}[answer]
        seen = ("" if row[name] is None else row[name] for name in ("observed", "limit"))
        cells.append((row["gate"], (answer, tone), *seen, row["reason"]))
    table(("gate", "answer", "seen", "limit", "reason"), cells, title, indent=0 if title else 2)
