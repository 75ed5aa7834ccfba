"""`edsr incidents postmortem`: an incident looked back at, as Markdown, as a page, or for programs."""

import json
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from cli import BUILD
from cli.account import Account
from cli.errors import Unavailable
from cli.incidents import Told
from cli.page import TEMPLATES
from edsr.indicators.labels import Label
from edsr.indicators.totals import target, text
from edsr.postmortem.telling import Postmortem, postmortem
from edsr.protocol import keys

TEMPLATES.filters |= {"figure": text, "target": target, "raw": partial(json.dumps, indent=2)}


def look_back(account: Account, told: Told) -> Postmortem:
    """An incident's postmortem, with what people said that it was. Unavailable when its audit was changed."""
    key = keys.label(told.incident.id)
    said = account.store.read([key]).get(key, {})
    try:
        return postmortem(told.records, Label(said.get("label", Label.UNCLEAR)))
    except (ValidationError, KeyError, ValueError, TypeError, IndexError) as exc:
        what = f"the audit of {told.incident.id} is not whole, so that nothing can be told from it"
        raise Unavailable(f"{what}: `edsr audit verify` names what was changed ({type(exc).__name__} {exc})") from exc


def html(told: Postmortem) -> str:
    """The page's HTML."""
    return TEMPLATES.get_template("postmortem.html.j2").render(told=told)


def write(told: Postmortem, file: Path | None = None) -> Path:
    """Write the page; by default to build/postmortems/<id>.html."""
    file = file or BUILD / "postmortems" / f"{told.incident}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(html(told), encoding="utf-8")
    return file
