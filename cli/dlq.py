"""`edsr dlq`: what could not be handled, why, and its way back."""

from typing import Annotated

import typer

from cli import dead_letters, say
from cli.account import account
from cli.errors import FAULT
from cli.options import Json, Profile

app = typer.Typer(no_args_is_help=True, help="What could not be handled: look at it, and send it on its way again.")

Name = Annotated[str, typer.Argument(metavar="QUEUE", help="As the list shows it; `findings` is enough.")]
Most = Annotated[int, typer.Option("--max", help="At most so many.", min=1, max=10_000)]


@app.command("list")
def show_all(profile: Profile = None, json: Json = False) -> None:
    """List every queue of what could not be handled; ends with 1 when anything lies in one."""
    found = dead_letters.queues(account(profile))
    if json:
        say.as_json([{"queue": one.name, "messages": one.depth, "redrive": one.remedy} for one in found])
    else:
        say.table(
            ("queue", "messages", "what redriving does"),
            ((one.name, (one.depth, "bad" if one.depth else "good"), one.remedy) for one in found),
            one_word=True,
        )
    raise typer.Exit(FAULT if any(one.depth for one in found) else 0)


@app.command()
def show(queue: Name, most: Most = 10, profile: Profile = None, json: Json = False) -> None:
    """Show what lies in a queue and why; it stays there."""
    here = account(profile)
    found = dead_letters.letters(here, dead_letters.one(here, queue), most)
    if json:
        say.as_json([letter._asdict() for letter in found])
        return
    say.table(
        ("sent (UTC)", "what", "why", "received"),
        ((letter.sent_at, letter.what, letter.why, letter.received) for letter in found),
    )
    say.line(say.count(len(found), "message"))


@app.command()
def redrive(queue: Name, most: Most = 1000, profile: Profile = None, json: Json = False) -> None:
    """Send what lies in a queue on its way again. Times stay: what is old by now is only observed, and what still holds
    the sweep brings anew.
    """
    here = account(profile)
    done = dead_letters.redrive(here, dead_letters.one(here, queue), most)
    if json:
        say.as_json(done._asdict())
    else:
        word = "are being moved back by SQS" if done.how == "moved" else done.how
        say.line(f"{done.queue}: {say.count(done.messages, 'message')} {word}", "good")
