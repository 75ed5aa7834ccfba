"""An incident as one self-contained page: no script, no request, hostile text escaped, readable on a phone."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from cli import BUILD
from cli.incidents import Told
from cli.planned import planned
from edsr.audit import Flaw, unchanged, verify
from edsr.legible import legible
from edsr.model import UNDER_WAY, Kind, State
from edsr.timeline import short, timeline
from edsr.way import STYLE, clock, strip, waterfall, way

TEMPLATES = Environment(
    loader=PackageLoader("cli"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    finalize=lambda said: legible(said) if type(said) is str else said,  # what is Markup is said by us
)


def tone(state: State) -> str:
    """How an incident stands, as the pages colour it: it waits for a person, is under way, or ended well or not."""
    if state in (State.ASKED, State.HOLDING):
        return "wait"
    if state in UNDER_WAY:
        return "live"
    return {State.RESOLVED: "good", State.OBSERVED: "plain", State.SUPPRESSED: "plain"}.get(state, "bad")


def printed(said: str) -> str:
    """`version 2 -> 1` and `<= 60 s` as they are set in print."""
    return said.replace(" -> ", " → ").replace("<= ", "≤ ").replace(">= ", "≥ ")


TEMPLATES.filters |= {"short": short, "clock": clock, "tone": tone, "printed": printed}
TEMPLATES.globals |= {
    "way_style": Markup(STYLE),  # noqa: S704 - nobody else's words  # nosec B704
    "way_of": lambda entries: Markup(way(entries)),  # noqa: S704 - every word is escaped there  # nosec B704
    "strip_of": lambda entries: Markup(strip(entries)),  # noqa: S704 - as above  # nosec B704
    "waterfall_of": lambda entries: Markup(waterfall(entries)),  # noqa: S704 - as above  # nosec B704
}


def render(told: Told) -> str:
    """The page's HTML."""
    return TEMPLATES.get_template("incident.html.j2").render(**shown(told))


def shown(told: Told) -> dict[str, Any]:
    """What a page about an incident shows, whichever it is."""
    incident, records = told.incident, told.records
    flaws: list[Flaw] = [*told.unreadable, *verify(incident.id, records, incident.head)]
    bodies = {record.kind: record.body for record in records if unchanged(record)}  # what was changed is not believed
    entries, plan = timeline(records), bodies.get(Kind.PLAN)
    return {
        "incident": incident,
        "finding": incident.finding,
        "entries": entries,
        "total_s": round(sum(entry.after_s for entry in entries), 1),
        "decision": bodies.get(Kind.DECISION) or bodies.get(Kind.SUPPRESSED),
        "plan": plan,
        "steps": planned(plan) if plan else [],
        "close": bodies.get(Kind.CLOSE),
        "records": records,
        "flaws": flaws,
    }


def write(told: Told, file: Path | None = None) -> Path:
    """Write the page; by default to build/incidents/<id>.html."""
    file = file or BUILD / "incidents" / f"{told.incident.id}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(told), encoding="utf-8")
    return file
