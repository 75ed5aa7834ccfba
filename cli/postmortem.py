"""`edsr incidents postmortem`: an incident looked back at, as Markdown, as a page, or for programs."""

import json
from functools import partial
from pathlib import Path

from cli import BUILD
from cli.account import Account
from cli.incidents import Told
from cli.page import TEMPLATES
from edsr.indicators.labels import Label
from edsr.indicators.totals import target, text
from edsr.postmortem.telling import Postmortem, postmortem
from edsr.protocol import keys

TEMPLATES.filters |= {"figure": text, "target": target, "raw": partial(json.dumps, indent=2)}


def look_back(account: Account, told: Told) -> Postmortem:
    """An incident's postmortem, with what people said that it was."""
    key = keys.label(told.incident.id)
    said = account.store.read([key]).get(key, {})
    return postmortem(told.records, Label(said.get("label", Label.UNCLEAR)))


def html(told: Postmortem) -> str:
    """The page's HTML."""
    return TEMPLATES.get_template("postmortem.html.j2").render(told=told)


def write(told: Postmortem, file: Path | None = None) -> Path:
    """Write the page; by default to build/postmortems/<id>.html."""
    file = file or BUILD / "postmortems" / f"{told.incident}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(html(told), encoding="utf-8")
    return file
