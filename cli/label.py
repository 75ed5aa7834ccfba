"""`edsr incidents label`: an operator has looked at an incident, and says what it was."""

from typing import Annotated

import typer

from cli import say
from cli.account import account
from cli.options import As, Json, Profile, Reason
from cli.route import ask
from edsr.indicators.labels import Label


def label(
    incident: Annotated[str, typer.Argument(help="Its id, such as i-0123...")],
    was: Annotated[Label, typer.Argument(help="What it was; unclear takes back what was said before.")],
    reason: Reason,
    who: As = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Say of an incident that has ended what it was; the measures count it so from then on."""
    said = {"incident": incident, "label": was.value, "reason": reason}
    answer = ask(account(profile), "/labels", said, who)
    if json:
        say.as_json(answer)
    else:
        before = "" if answer["was"] == Label.UNCLEAR else f", no longer {answer['was']}"
        say.line(f"{incident} was {was.value}{before}", "good")
