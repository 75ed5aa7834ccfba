"""Whether somebody sits here to whom a page can be shown, and the console beside a command that they watch."""

import getpass
import os
import sys
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Protocol

from cli import say


class Browser(Protocol):
    """What shows a page."""

    def open(self, url: str) -> bool:
        """Show it; whether that worked."""
        ...


def browser(
    environment: Mapping[str, str] = os.environ, *, terminal: bool | None = None, system: str = sys.platform
) -> Browser | None:
    """What shows a page to who sits here; None where nobody does, as in CI, or where it would take the terminal."""
    there = sys.stdin.isatty() and sys.stdout.isatty() if terminal is None else terminal
    screen = system in ("darwin", "win32") or environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")
    if not (there and screen) or environment.get("CI"):
        return None
    try:
        found = webbrowser.get()
    except webbrowser.Error:
        return None
    return None if type(found) is webbrowser.GenericBrowser else found


def asked_to_end() -> None:
    """Wait until somebody presses Enter, or is not there any more."""
    with suppress(EOFError, KeyboardInterrupt):
        input()


@contextmanager
def watched(found: Browser | None, wait: Callable[[], None] = asked_to_end) -> Iterator[Callable[[], None]]:
    """The console beside what a command does, opened in a browser. Gives what is to be called at the end: it waits
    until who watches has seen enough. Without a browser it only says how to see it, and waits for nobody."""
    if found is None:
        say.line("`edsr console`, in another terminal, shows it in a browser")
        yield lambda: None
        return
    from cli.console.server import beside

    with beside(0, getpass.getuser()) as address:
        say.line(f"the console is at {address}")
        opened = found.open(address)

        def seen() -> None:
            if opened:
                say.line(f"look around at {address}; Enter ends it", "good")
                wait()

        yield seen
