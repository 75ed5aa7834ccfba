"""`edsr latches`: what latched and waits for a person, and its release once they have seen to it."""

from typing import Annotated, Any

import typer

from cli import say
from cli.account import Account, account
from cli.options import As, Json, Profile, Reason
from cli.route import ask
from edsr.aws.items import plain
from edsr.ports import Item
from edsr.times import iso, parse_epoch

app = typer.Typer(
    no_args_is_help=True, help="What is stopped until a person has seen to it: denied actions, subjects in circles."
)


@app.command("list")
def show(profile: Profile = None, json: Json = False) -> None:
    """List everything that is latched."""
    found = every(account(profile))
    if json:
        say.as_json(found)
    elif found:
        say.table(
            ("latch", "since (UTC)", "incident", "why"),
            ((one["latch"], one["since"] or "", one["incident"], one["why"]) for one in found),
        )
    else:
        say.line("nothing is latched")


@app.command()
def release(
    latch: Annotated[str, typer.Argument(help="As the list shows it: action:ACTION:ACCOUNT or subject:ARN.")],
    reason: Reason,
    who: As = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Release a latch: what stopped it was seen to."""
    answer = ask(account(profile), "/latches", {"latch": latch, "reason": reason}, who)
    if json:
        say.as_json(answer)
    else:
        say.line(f"{latch} is released", "good")


def every(account: Account) -> list[dict[str, Any]]:
    """Every latch, by its name."""
    items = account.scan(
        "edsr-state",
        FilterExpression="(begins_with(#pk, :denied) AND #state = :open) OR attribute_exists(#latched)",
        ExpressionAttributeNames={"#pk": "pk", "#state": "state", "#latched": "latched"},
        ExpressionAttributeValues={":denied": {"S": "BRK#deny#"}, ":open": {"S": "open"}},
    )
    return sorted((_told(plain(item)) for item in items), key=lambda one: str(one["latch"]))


def _told(item: Item) -> dict[str, Any]:
    if item["pk"].startswith("GRD#"):
        name, incident, at = f"subject:{item['pk'].removeprefix('GRD#')}", item["latched"], item.get("latched_at")
        why = "it was repaired, undone, and about to be repaired again"
    else:
        action, _, account = item["pk"].removeprefix("BRK#deny#").rpartition("#")
        name, incident, at = f"action:{action}:{account}", item["incident"], item.get("at")
        why = "AWS denied it: the function's role lacks a permission there"
    return {"latch": name, "incident": incident, "since": iso(parse_epoch(at)) if at else None, "why": why}
