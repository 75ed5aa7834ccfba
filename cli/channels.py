"""`edsr channels`: how people are told beside the pages, and whether each way works."""

import json
from typing import Any

import typer

from cli import say
from cli.account import Account, account
from cli.errors import Unavailable
from cli.options import Json, Profile
from edsr.notices import KIND, SOURCE, SYNTHETIC
from infra.parts.names import BUS, CHANNELS

app = typer.Typer(no_args_is_help=True, help="How people are told: see the ways, and prove each.")


@app.command("list")
def show_all(profile: Profile = None, json: Json = False) -> None:
    """List the channels that are deployed, and which notices each takes."""
    found = deployed(account(profile))
    if json:
        say.as_json(found)
        return
    say.table(("channel", "state", "takes"), ((one["channel"], one["state"], one["takes"]) for one in found))
    say.line(say.count(len(found), "channel") + ", beside the topic edsr-pages, which takes every incident by itself")


@app.command("test")
def prove(profile: Profile = None, json: Json = False) -> None:
    """Send every channel a notice that is about nothing: look for it in each. Once a week it comes by itself."""
    here = account(profile)
    found = deployed(here)
    send(here)
    if json:
        say.as_json({"sent": SYNTHETIC["data"]["headline"], "to": [one["channel"] for one in found]})
        return
    say.line(f"sent to {', '.join(one['channel'] for one in found) or 'no channel: infra/config names none'}", "good")
    say.line(f"look for: {SYNTHETIC['data']['headline']}")
    say.line("what a channel does not take within an hour lies in a queue, and pages: edsr dlq show bus-dlq")


def deployed(here: Account) -> list[dict[str, Any]]:
    """Each channel's name, whether its rule is enabled, and the notices that it takes."""
    events = here.client("events")
    rules = events.list_rules(EventBusName=BUS, NamePrefix=CHANNELS)["Rules"]
    return [
        {
            "channel": rule["Name"].removeprefix(CHANNELS),
            "state": rule["State"].lower(),
            "takes": _takes(json.loads(rule["EventPattern"])),
        }
        for rule in rules
    ]


def send(here: Account) -> None:
    """Put the notice on the bus. Raises Unavailable when the bus does not take it."""
    entry = {"EventBusName": BUS, "Source": SOURCE, "DetailType": KIND, "Detail": json.dumps(SYNTHETIC)}
    answer = here.client("events").put_events(Entries=[entry])
    if answer["FailedEntryCount"]:
        raise Unavailable(f"the bus {BUS} did not take it: {answer['Entries'][0].get('ErrorCode')}; try again")


def _takes(pattern: dict[str, Any]) -> str:
    """`level page, owner shop` for the first branch of a channel's pattern; the second is the test's."""
    wanted, *_ = pattern.get("detail", {}).get("data", {}).get("$or", [{}])
    return ", ".join(f"{field} {' or '.join(values)}" for field, values in wanted.items()) or "every notice"
