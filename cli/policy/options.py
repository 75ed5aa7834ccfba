"""What several commands of `edsr policy` take."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Folder = Annotated[Path, typer.Option("--policies", help="A folder laid out like policies/.", show_default=False)]
Events = Annotated[Path, typer.Option("--events", help="The events of the policies' tests.", show_default=False)]
One = Annotated[str, typer.Argument(help="A policy's id, or its file.", metavar="POLICY")]
