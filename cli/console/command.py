"""`edsr console`: the sandbox's pages, until Ctrl-C."""

import getpass
from typing import Annotated

import typer

from cli import say
from cli.console.looking import browser
from cli.options import As

PORT = 4580
Port = Annotated[int, typer.Option("--port", help="The console's port on this machine; 0 takes any.", min=0, max=65535)]
Open = Annotated[bool, typer.Option("--open/--no-open", help="Open a browser, where there is one.")]


def console(port: Port = PORT, who: As = None, open_: Open = True) -> None:
    """Show the sandbox in a browser: incidents as they happen, why, what is asked; answer, and stop.

    It listens on this machine alone, and ends with Ctrl-C.
    """
    from cli.console.server import address, listen

    with listen(port, who or getpass.getuser()) as server:
        say.line(f"the console is at {address(server)}; Ctrl-C ends it", "good")
        found = browser() if open_ else None
        if found:
            found.open(address(server))
        server.serve_forever()
