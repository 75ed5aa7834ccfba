"""An incident as one self-contained page: no script, no request, hostile text escaped, readable on a phone."""

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from cli import BUILD
from cli.incidents import Told
from edsr.audit import Flaw, verify
from edsr.model import Kind
from edsr.timeline import changes, short, timeline
from edsr.way import STYLE, clock, way

TEMPLATES = Environment(
    loader=PackageLoader("cli"), autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True
)
TEMPLATES.filters |= {"short": short, "clock": clock}
TEMPLATES.globals |= {
    "changes": changes,
    "way_style": Markup(STYLE),  # noqa: S704 - nobody else's words  # nosec B704
    "way_of": lambda entries: Markup(way(entries)),  # noqa: S704 - every word is escaped there  # nosec B704
}


def render(told: Told) -> str:
    """The page's HTML."""
    incident, records = told.incident, told.records
    flaws: list[Flaw] = verify(incident.id, records, incident.head)
    bodies = {record.kind: record.body for record in records}
    entries = timeline(records)
    return TEMPLATES.get_template("incident.html.j2").render(
        incident=incident,
        finding=incident.finding,
        entries=entries,
        total_s=round(sum(entry.after_s for entry in entries), 1),
        decision=bodies.get(Kind.DECISION) or bodies.get(Kind.SUPPRESSED),
        plan=bodies.get(Kind.PLAN),
        close=bodies.get(Kind.CLOSE),
        records=records,
        flaws=flaws,
    )


def write(told: Told, file: Path | None = None) -> Path:
    """Write the page; by default to build/incidents/<id>.html."""
    file = file or BUILD / "incidents" / f"{told.incident.id}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(told), encoding="utf-8")
    return file
