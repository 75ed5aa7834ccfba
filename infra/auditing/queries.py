"""The named queries of `audit/queries` and the views of `audit/views`: SQL as Athena takes it, a file each."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from infra import AUDIT
from infra.errors import DeclarationInvalid

DIALECT = "athena"
Kind = Literal["date", "text"]
INCLUDED = re.compile(r"^-- include (\S+)$", re.MULTILINE)
"""What several queries begin with stands in a file of its own beside their folder."""
PARAMETER = re.compile(r"(?P<name>\S+)\s+(?P<kind>date|text)\s+(?P<about>.+) \((?P<places>\d+(?: \d+)*)\)")


@dataclass(frozen=True)
class Parameter:
    """What a query has to be told; `places` are its `?`, counted from 1, for Athena knows them by their order only."""

    name: str
    kind: Kind
    about: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class Query:
    """A query or view. What stands before its first word says what it answers, and what it has to be told."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    sql: str

    @cached_property
    def tables(self) -> frozenset[str]:
        """The tables and views it reads."""
        return frozenset(tables_of(parse(self.sql)))

    @property
    def places(self) -> list[Parameter]:
        """What each `?` stands for, in order."""
        at = {place: one for one in self.parameters for place in one.places}
        return [at[place] for place in sorted(at)]


def parse(sql: str) -> exp.Query:
    """One query in Athena's dialect. Raises DeclarationInvalid for anything else: what is asked changes nothing."""
    try:
        found = [one for one in sqlglot.parse(sql, dialect=DIALECT) if one]
    except SqlglotError as exc:
        raise DeclarationInvalid(f"not a query as Athena takes it: {exc}") from exc
    if len(found) != 1 or not isinstance(found[0], exp.Query) or any(found[0].find_all(exp.Into, exp.Command)):
        raise DeclarationInvalid("ask one thing, and only ask: one SELECT, or WITH ... SELECT")
    return found[0]


def tables_of(query: exp.Query) -> set[str]:
    """The tables it reads, without those it makes itself on the way."""
    own = {one.alias for one in query.find_all(exp.CTE)}
    return {one.name for one in query.find_all(exp.Table) if one.name and one.name not in own}


@cache
def queries(folder: Path = AUDIT / "queries") -> dict[str, Query]:
    """Every named query, by its name. Raises DeclarationInvalid for a file that does not say what it has to."""
    return {one.name: one for one in _read(folder)}


@cache
def views(folder: Path = AUDIT / "views") -> dict[str, Query]:
    """What the queries read: the tables' rows as people think of them."""
    return {one.name: one for one in _read(folder)}


def answerable(every: dict[str, Query], tables: set[str]) -> dict[str, Query]:
    """The queries of whose tables there is none missing; a query about the trail needs one."""
    return {name: one for name, one in every.items() if one.tables <= tables}


def _read(folder: Path) -> Iterator[Query]:
    for file in sorted(folder.glob("*.sql")):
        text = file.read_text(encoding="utf-8")
        yield query_of(file.stem, INCLUDED.sub(lambda name: _part(folder, name[1]), text))


def _part(folder: Path, name: str) -> str:
    return (folder.parent / f"{name}.sql").read_text(encoding="utf-8").rstrip()


def query_of(name: str, text: str) -> Query:
    """A file's query. Its first line is the title; lines such as `since  date  the first day (1 3)` are parameters."""
    lines = text.splitlines()
    head = [line.removeprefix("--").strip() for line in lines[: _length(lines)]]
    if not head:
        raise DeclarationInvalid(f"audit: {name}: begins without a title")
    found = [match for line in head[1:] if (match := PARAMETER.fullmatch(line))]
    parameters = tuple(_parameter(match) for match in found)
    made = Query(name, head[0], parameters, text)
    places = sorted(place for one in parameters for place in one.places)
    asked = sum(1 for _ in parse(text).find_all(exp.Placeholder))
    if places != list(range(1, asked + 1)):
        raise DeclarationInvalid(f"audit: {name}: its head names places {places}, and it has {asked}")
    return made


def _length(lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines) if not line.startswith("--")), len(lines))


def _parameter(match: re.Match[str]) -> Parameter:
    kind: Kind = "date" if match["kind"] == "date" else "text"
    return Parameter(match["name"], kind, match["about"], tuple(map(int, match["places"].split())))
