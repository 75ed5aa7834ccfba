"""Options that several commands share."""

from enum import StrEnum
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Profile = Annotated[str | None, typer.Option("--profile", help="An AWS profile; the sandbox when left out.")]
As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who asks, in the sandbox only: AWS knows who you are.")
]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]


class By(StrEnum):
    """What incidents are listed by."""

    GROUP = "group"
