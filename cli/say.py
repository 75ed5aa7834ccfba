"""How the commands answer: tables and colours for people, JSON for programs."""

import json
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

TONES = {"good": "green", "warn": "yellow", "bad": "red", "soft": "dim", "plain": ""}


def as_json(value: Any) -> None:
    """Print a JSON value."""
    print(json.dumps(value, indent=2, default=str))


def line(text: str, tone: str = "plain") -> None:
    """Print one line; what it says is never taken for markup."""
    out.print(Text(text, style=TONES[tone]), soft_wrap=True)


def count(number: int, thing: str) -> str:
    """`1 test`, `2 tests`, `1,000 tests`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def moment(what: str, why: str) -> None:
    """Print one thing that happens, as it happens."""
    row = Table.grid(padding=(0, 2))
    row.add_column(width=26, overflow="fold")
    row.add_column(overflow="fold")
    row.add_row(Text(what, style="bold"), Text(why, style="dim"))
    out.print(row)


def problem(text: str) -> None:
    """Print an error to the standard error."""
    err.print(Text.assemble(("error: ", "red"), text))


def table(
    columns: Iterable[str], rows: Iterable[Iterable[Any]], title: str | None = None, *, one_word: bool = False
) -> None:
    """Print a table; cells may be text with a tone, as `(text, tone)`. `one_word` keeps the first column whole."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        made.add_column(column, overflow="fold", no_wrap=number == 0 and one_word)
    for row in rows:
        made.add_row(
            *(Text(str(cell[0]), style=TONES[cell[1]]) if isinstance(cell, tuple) else Text(str(cell)) for cell in row)
        )
    out.print(made)
