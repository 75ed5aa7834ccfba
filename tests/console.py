"""The console as a browser meets it: pages are read, forms are sent with what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from werkzeug.test import Client, TestResponse

from cli.account import Account
from cli.console.guard import Guard
from cli.console.site import Site
from cli.console.source import Source
from edsr.ports import Clock, utc_now
from tests import estate

PORT = 4580
AT_HOME = f"http://127.0.0.1:{PORT}"


class Page(HTMLParser):
    """What stands on a page: its tags with their attributes, its text, and the forms with their fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.forms: dict[str, dict[str, str]] = {}
        self.words: list[str] = []
        self._form = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Every tag; a form's fields count with what they are filled with."""
        said = dict(attrs)
        self.tags.append((tag, said))
        if tag == "form":
            self._form = str(said["action"])
            self.forms[self._form] = {}
        elif tag == "input" and said.get("type") != "checkbox":
            self.forms[self._form][str(said["name"])] = said.get("value") or ""

    def handle_data(self, data: str) -> None:
        """Text."""
        self.words.append(data)

    @property
    def text(self) -> str:
        """All of it, in one line."""
        return " ".join(" ".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of every such tag."""
        return [attributes for name, attributes in self.tags if name == tag]


@dataclass
class Browser:
    """A browser on this machine, and the console that it looks at."""

    account: Account = field(default_factory=lambda: Account("sandbox", estate.client, is_sandbox=True))
    clock: Clock = utc_now
    client: Client = field(init=False)

    def __post_init__(self) -> None:
        source = Source(lambda: self.account, self.clock)
        self.client = Client(Site(source, Guard(PORT, b"secret", "ann")))

    def get(self, path: str, **headers: str) -> TestResponse:
        """Look at an address."""
        return self.client.get(path, base_url=AT_HOME, headers=headers)

    def page(self, path: str) -> Page:
        """A page that is there."""
        found = self.get(path)
        assert found.status_code == 200, found.text
        return Page(found.text)

    def send(self, at: str, form: str, **fields: Any) -> TestResponse:
        """Fill in a form that stands on a page, send it, and go where the answer leads."""
        filled = self.page(at).forms[form] | fields
        said = {name: value for name, value in filled.items() if value is not None}
        return self.post(form, said, follow_redirects=True)

    def post(self, path: str, said: dict[str, str], *, origin: str = AT_HOME, **more: Any) -> TestResponse:
        """Send a form from a page of somebody's."""
        headers = {"Origin": origin, **more.pop("headers", {})}
        return self.client.post(path, base_url=AT_HOME, data=said, headers=headers, **more)
