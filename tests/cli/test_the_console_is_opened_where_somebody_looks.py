"""The console as a process: opened for who sits at a screen, on this machine alone, over when the command is."""

import http.client
import webbrowser
from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from cli.console.looking import browser, watched
from cli.console.server import beside, listen
from cli.errors import Unavailable


class Screen:
    """A browser that remembers what it was shown."""

    def __init__(self, *, works: bool = True) -> None:
        self.shown: list[str] = []
        self._works = works

    def open(self, url: str) -> bool:
        """Show it."""
        self.shown.append(url)
        return self._works


def asked(address: str, path: str = "/console.css") -> tuple[int, str]:
    """The status of an answer, and what says that it gave it."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, str(answer.headers["Server"])


def test_who_watches_is_shown_it_and_it_ends_when_they_have_seen_enough(capsys: pytest.CaptureFixture[str]) -> None:
    screen, answers = Screen(), list[tuple[int, str]]()
    with watched(screen, lambda: answers.append(asked(screen.shown[0]))) as seen:
        assert answers == []
        seen()
    assert answers == [(200, "edsr")]
    assert screen.shown[0] in capsys.readouterr().out
    with pytest.raises(ConnectionRefusedError):
        asked(screen.shown[0])


def test_where_nobody_looks_nothing_is_started_and_nobody_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    with watched(None, lambda: pytest.fail("it waits")) as seen:
        seen()
    assert "edsr console" in capsys.readouterr().out


def test_a_browser_that_does_not_start_is_not_waited_for() -> None:
    with watched(Screen(works=False), lambda: pytest.fail("it waits")) as seen:
        seen()


@pytest.mark.parametrize(
    ("environment", "terminal", "system"),
    [
        ({}, True, "linux"),
        ({"DISPLAY": ":0"}, False, "linux"),
        ({"DISPLAY": ":0", "CI": "true"}, True, "linux"),
        ({"CI": "1"}, True, "darwin"),
        ({}, False, "darwin"),
    ],
)
def test_there_is_no_browser_without_a_screen_and_a_person(
    environment: Mapping[str, str], terminal: bool, system: str
) -> None:
    assert browser(environment, terminal=terminal, system=system) is None


@pytest.mark.parametrize("taken", [True, False])
def test_what_would_take_the_terminal_is_no_browser(monkeypatch: pytest.MonkeyPatch, taken: bool) -> None:
    found = webbrowser.GenericBrowser("w3m") if taken else webbrowser.BackgroundBrowser("xdg-open")
    monkeypatch.setattr(webbrowser, "get", lambda: found)
    assert (browser({"DISPLAY": ":0"}, terminal=True, system="linux") is None) is taken


def test_it_listens_on_this_machine_alone_and_says_which_port_is_taken() -> None:
    with beside(0, "ann") as address:
        where = urlsplit(address)
        assert where.hostname == "127.0.0.1"
        with (
            pytest.raises(Unavailable, match=f"port {where.port} is in use: `edsr console --port 0`"),
            beside(where.port or 0, "ann"),
        ):
            pytest.fail("both listen")
    with listen(0, "ann") as server:
        assert server.server_address[0] == "127.0.0.1"
