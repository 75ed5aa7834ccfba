"""`edsr audit query NAME|SQL|--list`: who approved what, what was done to this, what the audit lacks."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import say
from cli.account import account
from cli.errors import Declined
from cli.export import copy, manifest
from cli.options import Json, Profile
from edsr.ports import pause, utc_now

if TYPE_CHECKING:  # SQL's parser and engine are loaded when something is asked, not with every command
    from cli.query.asked import Answer, Asked
    from infra.auditing.queries import Query

Text = Annotated[str | None, typer.Argument(metavar="NAME|SQL", help="A query's name, or SELECT in Athena's SQL.")]
Listed = Annotated[bool, typer.Option("--list", help="Say which queries there are.")]
Since = Annotated[str | None, typer.Option("--since", metavar="DAY", help="The first day; 30 days ago if left out.")]
Told = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="What the query has to be told.")]
Copied = Annotated[Path | None, typer.Option("--from", metavar="FOLDER", help="Ask a copy: see `edsr audit export`.")]
Trail = Annotated[Path | None, typer.Option("--trail", metavar="FOLDER", help="Files of CloudTrail; not in Athena.")]


def query_audit(
    text: Text = None,
    listed: Listed = False,
    since: Since = None,
    told: Told = None,
    copied: Copied = None,
    trail: Trail = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Ask the audit: by Athena in an account, by an embedded engine in the sandbox and on a copy.

    Values are bound, never pasted into the query; `until` is today when --set
    does not say otherwise. Tables are `records` (a row for each record) and
    `calls` (what CloudTrail says our roles changed).
    """
    if listed:
        _list(json)
        return
    if text is None:
        raise Declined("say which query, or --list")
    from cli.query.asked import asked

    said = asked(text, _told(told or [], since), utc_now().date())
    _show(_answer(said, copied, trail, profile), json)


def _told(told: list[str], since: str | None) -> dict[str, str]:
    return dict(_pair(one) for one in told) | ({"since": since} if since is not None else {})


def _pair(said: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals:
        raise Declined(f"--set {said}: write NAME=VALUE")
    return name, value


def _answer(said: "Asked", copied: Path | None, trail: Path | None, profile: str | None) -> "Answer":
    from cli.query import athena
    from cli.query.embedded import Lake, trail_at

    trail = trail_at(trail) if trail is not None else None
    if copied is not None:
        manifest(copied)
        return Lake(copied, utc_now(), trail).ask(said)
    here = account(profile)
    if not here.is_sandbox:
        if trail is not None:
            raise Declined("Athena reads the trail in its own bucket: leave --trail out, or ask a copy with --from")
        return athena.ask(here.client("athena"), said, pause)
    with tempfile.TemporaryDirectory() as folder:
        copy(here, Path(folder), utc_now())
        return Lake(Path(folder), utc_now(), trail).ask(said)


def _list(json: bool) -> None:
    from infra.auditing.queries import queries

    found = queries().values()
    if json:
        say.as_json({"queries": [_described(query) for query in found]})
        return
    say.table(
        ("query", "what it answers", "has to be told"),
        ((one.name, one.title, ", ".join(parameter.name for parameter in one.parameters)) for one in found),
        one_word=True,
    )


def _described(query: "Query") -> dict[str, object]:
    told = [{"name": one.name, "kind": one.kind, "about": one.about} for one in query.parameters]
    return {"name": query.name, "title": query.title, "parameters": told, "sql": query.sql}


def _show(answer: "Answer", json: bool) -> None:
    if json:
        rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
        say.as_json({"columns": answer.columns, "rows": rows})
        return
    say.table(answer.columns, [["" if cell is None else cell for cell in row] for row in answer.rows])
    say.line(say.count(len(answer.rows), "row"))
