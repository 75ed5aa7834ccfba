"""What is asked: a named query with what it has to be told, or SQL of one's own, checked before it goes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from cli.errors import Declined
from infra.auditing.queries import Parameter, Query, parse, queries, tables_of
from infra.errors import DeclarationInvalid

DAYS = 30
"""A query that is not told since when looks so far back."""

LONGEST = 1000
"""Athena takes 1,024 characters for a parameter, quotes included."""


class Answer(NamedTuple):
    """What a query came to."""

    columns: tuple[str, ...]
    rows: list[tuple[str | int | float | None, ...]]


@dataclass(frozen=True)
class Asked:
    """A query and what stands for each `?` in it, in order: text, dates as 2026-03-01."""

    name: str
    sql: str
    values: tuple[str, ...]
    tables: frozenset[str]


def asked(text: str, told: Mapping[str, str], today: date) -> Asked:
    """Of a query's name or of SQL. Raises Declined: an unknown name, something not told, a value of another type."""
    known = queries()
    if text in known:
        return _named(known[text], told, today)
    if not re.search(r"\s", text.strip()):
        raise Declined(f"there is no query {text!r}; there are {', '.join(known)}; or ask in SQL")
    if told:
        raise Declined("SQL of your own says itself what it asks for: leave --set and --since out")
    try:
        query = parse(text)
    except DeclarationInvalid as exc:
        raise Declined(str(exc)) from exc
    return Asked("", text, (), frozenset(tables_of(query)))


def _named(query: Query, told: Mapping[str, str], today: date) -> Asked:
    names = {one.name for one in query.parameters}
    if unknown := sorted(set(told) - names):
        raise Declined(f"{query.name} asks for {', '.join(sorted(names))}, not for {', '.join(unknown)}")
    given = {"since": (today - timedelta(days=DAYS)).isoformat(), "until": today.isoformat(), **told}
    if missing := sorted(names - set(given)):
        raise Declined(f"{query.name} has to be told: --set {missing[0]}=...")
    values = {one.name: _checked(one, given[one.name]) for one in query.parameters}
    if values["since"] > values["until"]:
        raise Declined(f"there is no day from {values['since']} to {values['until']}: name a --since that is before")
    return Asked(query.name, query.sql, tuple(values[one.name] for one in query.places), query.tables)


def _checked(parameter: Parameter, said: str) -> str:
    if parameter.kind == "date":
        try:
            return date.fromisoformat(said).isoformat()
        except ValueError as exc:
            raise Declined(f"{parameter.name}: {said!r} is no day, such as 2026-03-01") from exc
    if len(said) > LONGEST or not said.isprintable():
        raise Declined(f"{parameter.name}: at most {LONGEST} printable characters")
    return said
