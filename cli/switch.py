"""`edsr switch`: stop automation, let it go on, and see what is stopped."""

import re
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from cli import say
from cli.account import Account, account
from cli.options import As, Json, Profile, Reason
from cli.route import ask
from edsr.ports import utc_now
from edsr.protocol import keys
from edsr.protocol.controls import ALL, SWITCHES, engaged
from edsr.times import epoch, iso, parse, parse_epoch, read_duration

app = typer.Typer(
    no_args_is_help=True, help="Stop automation and let it go on: all, service:X, policy:X, account:X, region:X."
)
Scope = Annotated[str, typer.Argument(help="all, service:ID, policy:ID, account:NUMBER or region:NAME.")]
Until = Annotated[str | None, typer.Option(help="When it ends by itself: 30m, 2h, or 2026-03-02T18:00Z. Not for all.")]
Undo = Annotated[bool, typer.Option("--undo", help="Let what was done be undone meanwhile.")]


@app.command()
def off(
    scope: Scope,
    reason: Reason,
    until: Until = None,
    undo: Undo = False,
    who: As = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Stop automation: once this returns, nothing new is begun that the scope covers."""
    answer, end = stop(account(profile), scope, reason, until, undo=undo, who=who)
    if json:
        say.as_json(answer)
        return
    how_long = f"until {iso(end)}" if end else f"until `edsr switch on {scope}`" + (" by two" if scope == ALL else "")
    say.line(f"{scope} is off {how_long}; what is being sent this moment may still land within 30 seconds", "good")


@app.command()
def on(scope: Scope, reason: Reason, who: As = None, profile: Profile = None, json: Json = False) -> None:
    """Let automation go on; for all, two people have to say so."""
    answer = release(account(profile), scope, reason, who)
    if json:
        say.as_json(answer)
    elif answer["is"] == "on":
        say.line(f"{scope} is on", "good")
    else:
        say.line(f"{scope} is still off: it takes a second person, who says `edsr switch on {scope}` too")


@app.command()
def status(profile: Profile = None, json: Json = False) -> None:
    """Show what is stopped, by whom, why, and until when."""
    found = stopped(account(profile))
    if json:
        say.as_json(found)
    elif found["lost"]:
        say.line(f"{found['lost']} of {len(SWITCHES)} copies of the switch are lost: nothing is begun there", "bad")
        say.line("`edsr switch off` of any scope makes them anew, then `on` releases it")
    if not json and found["engaged"]:
        say.table(
            ("scope", "since (UTC)", "by", "until", "undo", "reason"),
            (
                (scope, said["since"], said["by"], _end(said), "yes" if said["undo"] else "no", said["reason"])
                for scope, said in found["engaged"].items()
            ),
            one_word=True,
        )
    elif not json:
        say.line("everything is on: no scope is stopped")


def stop(
    here: Account, scope: str, reason: str, until: str | None, *, undo: bool, who: str | None
) -> tuple[dict[str, Any], datetime | None]:
    """Stop what a scope covers: gives the answer, and when it ends by itself. Raises Declined, Unavailable."""
    end = moment(until, utc_now()) if until else None
    said: dict[str, Any] = {"do": "off", "scope": scope, "reason": reason, "undo": undo}
    if end:
        said["until"] = epoch(end)
    return ask(here, "/switch", said, who), end


def release(here: Account, scope: str, reason: str, who: str | None) -> dict[str, Any]:
    """Let what a scope covers go on; of all, `is` says whether a second person has to. Raises Declined, Unavailable."""
    return ask(here, "/switch", {"do": "on", "scope": scope, "reason": reason}, who)


def stopped(account: Account) -> dict[str, Any]:
    """Every scope that is stopped, and how many copies of the switch are not there."""
    found = account.store.read(SWITCHES)
    return {
        "engaged": {scope: _told(said) for scope, said in sorted(engaged(found).items())},
        "lost": sum(keys.switch(number) not in found for number in range(keys.SWITCHES)),
    }


def moment(text: str, now: datetime) -> datetime:
    """`30m`, `2h`, `1d`, an ISO 8601 duration, or a time; usage is told when it is none of them."""
    short = re.fullmatch(r"(\d{1,4})([mhd])", text)
    try:
        if short:
            count = int(short[1])
            return (
                now + {"m": timedelta(minutes=count), "h": timedelta(hours=count), "d": timedelta(days=count)}[short[2]]
            )
        return now + read_duration(text) if text.startswith("P") else parse(text)
    except ValueError as exc:
        raise typer.BadParameter(
            f"{text!r} is no time: write 30m, 2h, or 2026-03-02T18:00Z", param_hint="--until"
        ) from exc


def _told(said: dict[str, Any]) -> dict[str, Any]:
    """A scope as people read it."""
    told = {name: said.get(name, default) for name, default in (("by", ""), ("reason", ""), ("undo", False))}
    told["since"] = iso(parse_epoch(said["at"])) if "at" in said else ""
    told["until"] = iso(parse_epoch(said["end"])) if "end" in said else None
    return {**told, "release_asked_by": said.get("released_by")}


def _end(said: dict[str, Any]) -> str:
    if said["release_asked_by"]:
        return f"one more than {said['release_asked_by']} says on"
    return said["until"] or "somebody says on"
