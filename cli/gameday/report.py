"""A game day's report: one page and one Markdown file, with the same timeline that an incident's page shows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined

from cli import BUILD
from cli.gameday.asking import Asking
from cli.gameday.evidence import Evidence
from cli.gameday.judging import decided
from cli.gameday.running import MEASURED, Result
from cli.gameday.truth import Compared
from cli.incidents import Told
from cli.page import TEMPLATES
from edsr.indicators.table import INDICATORS
from edsr.indicators.totals import text
from edsr.model import Kind
from edsr.timeline import Entry, Moment, changes, short, timeline

REPORTS = BUILD / "gamedays"
ROWS = 20
"""How many rows of an answer a report shows."""

TOLD = 6
"""How many incidents' timelines a report shows; a storm's are alike."""

TEXTS = Environment(  # noqa: S701 - Markdown is no HTML: what is foreign in it is escaped by `cell`  # nosec B701
    loader=PackageLoader("cli"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def _cell(said: Any) -> str:
    """Anything as one cell of a table, in which nothing is markup."""
    text = "" if said is None else " ".join(str(said).split())
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("`", "\\`")


TEXTS.filters |= {"clock": TEMPLATES.filters["clock"], "cell": _cell}


class Decided(NamedTuple):
    """A decision with every gate's answer, and how many incidents of the day were decided alike."""

    incident: str
    title: str
    verdict: str
    rows: list[dict[str, Any]]
    alike: int


def write(result: Result, folder: Path = REPORTS) -> Path:
    """Write both; gives the page."""
    folder.mkdir(parents=True, exist_ok=True)
    said = _said(result)
    page, plain = page_of(result, folder), folder / f"{result.day.id}.md"
    page.write_text(TEMPLATES.get_template("gameday.html.j2").render(said), encoding="utf-8")
    plain.write_text(TEXTS.get_template("gameday.md.j2").render(said), encoding="utf-8")
    return page


def measures(results: Sequence[Result], folder: Path = REPORTS) -> Path:
    """Write the measures of every day beside what is known of it; gives the file."""
    file = folder / "measures.md"
    rows = [(result.day.id, *_compared(one)) for result in results for one in result.found.compared]
    order = [one.title for one in INDICATORS]
    rows.sort(key=lambda row: order.index(row[1].partition(" ")[2]))
    file.write_text(TEXTS.get_template("measures-of-days.md.j2").render(rows=rows), encoding="utf-8")
    return file


def answers(asked: Mapping[str, Sequence[Asking]], folder: Path = REPORTS) -> Path:
    """Write what the named queries came to in each lane; gives the file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "queries.md"
    file.write_text(TEXTS.get_template("queries.md.j2").render(asked=asked, most=ROWS), encoding="utf-8")
    return file


def page_of(result: Result, folder: Path = REPORTS) -> Path:
    """Where its page is."""
    return folder / f"{result.day.id}.html"


def record(results: Sequence[Result], file: Path = MEASURED) -> None:
    """Keep what passed days measured, beside what other days measured before; docs/coverage.md shows the times."""
    before = json.loads(file.read_text(encoding="utf-8"))["gamedays"] if file.exists() else {}
    figures = ("time_to_detect_s", "time_to_remediate_s", "action_latency_ms", "effects", "pages", "seconds")
    for result in results:
        if result.passed:
            said = result.as_json()
            measures = {one["name"]: one["value"] for one in said["measures"]}
            before[result.day.id] = {**{name: said[name] for name in figures}, "measures": measures}
    file.write_text(json.dumps({"gamedays": dict(sorted(before.items()))}, indent=2) + "\n", encoding="utf-8")


def _said(result: Result) -> dict[str, Any]:
    found = result.found
    return {
        "day": result.day,
        "verdict": "passed" if result.passed else "failed",
        "wrong": result.wrong,
        "facts": list(_facts(result)),
        "entries": entries(found),
        "strip": strip(entries(found)),
        "measures": [_measured(figure.as_json()) for figure in found.figures],
        "truth": [_compared(one) for one in found.compared],
        "done": [row for told in found.told for row in _done(told)],
        "looks": found.looks,
        "decisions": list(_decisions(found)),
        "pages": found.pages,
    }


def _facts(result: Result) -> Iterator[tuple[str, str]]:
    found = result.found
    yield "Time to detect", _seconds(found.seconds_to_detect)
    yield "Time to remediate", _seconds(found.seconds_to_remediate)
    yield "Median time of a changing call", "none" if (ms := found.action_latency_ms) is None else f"{ms:g} ms"
    yield "Incidents", str(len(found.told))
    yield "Changes of the estate", ", ".join(f"{call} {count}" for call, count in found.counted.items()) or "none"
    yield "Pages", str(len(found.pages))
    yield "Faults that struck", ", ".join(f"{what} {count}" for what, count in found.faults.items()) or "none"
    yield (
        "Audit",
        f"{sum(len(told.records) for told in found.told)} records, " + ("NOT intact" if found.flaws else "intact"),
    )


def _seconds(seconds: float | None) -> str:
    return "nothing was" if seconds is None else f"{seconds:.2f} s"


def entries(found: Evidence) -> list[Entry]:
    """What was made happen and what the suite made of it, in one order."""
    moments = [*found.moments]
    for told in found.told[:TOLD]:
        moments += [entry.moment for entry in timeline(told.records)]
    for page in found.pages[:TOLD]:
        moments.append(Moment(page.at, "a person is told", page.text.splitlines()[0], "bad"))
    moments.sort(key=lambda moment: moment.at)
    gaps = [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(moments)]
    return [Entry(moment, round(gap, 3)) for moment, gap in zip(moments, [0.0, *gaps], strict=False)]


class Mark(NamedTuple):
    """A moment as a mark on a line that is a thousand long, in proportion to when it was."""

    x: int
    moment: Moment
    after_s: float


def strip(listed: Sequence[Entry]) -> list[Mark]:
    """The day to scale: where time went is seen at once."""
    if not listed:
        return []
    began = listed[0].moment.at
    spans = [(entry.moment.at - began).total_seconds() for entry in listed]
    whole = spans[-1] or 1
    return [
        Mark(round(1000 * span / whole), entry.moment, round(span, 1))
        for span, entry in zip(spans, listed, strict=True)
    ]


def _done(told: Told) -> Iterator[tuple[str, str, str, str]]:
    """What was done of an incident's plan, and what was undone of that."""
    for record in told.records:
        if record.kind is Kind.OUTCOME:
            said = record.body
            undone = "undone: " if said["direction"] == "revert" else ""
            what = f"{undone}{said['action']} {short(said['target'])}"
            yield told.incident.id[:12], what, changes(said["before"], said["after"]), said["status"]


def _decisions(found: Evidence) -> Iterator[Decided]:
    """One of each kind: those by whom the same gates were refused to the same end are told together."""
    alike: dict[tuple[Any, ...], list[Told]] = {}
    for told in found.told:
        rows = decided(told)["rows"]
        refused = tuple(row["gate"] for row in rows if not row["allowed"])
        alike.setdefault((told.incident.policy.id, decided(told)["verdict"], refused), []).append(told)
    for (_, verdict, _), those in alike.items():
        first = those[0]
        yield Decided(first.incident.id, first.incident.finding.title, verdict, decided(first)["rows"], len(those))


def _compared(one: Compared) -> tuple[str, str, str, str, bool]:
    indicator, metrics = one.audited.indicator, one.emitted
    name = f"{indicator.id} {indicator.title}"
    return name, one.truth, text(one.audited), "not read" if metrics is None else text(metrics), not one.wrong


def _measured(said: dict[str, Any]) -> tuple[str, str, str]:
    limits = [f"{word} {said[key]:g}" for key, word in (("least", "≥"), ("most", "≤")) if said[key] is not None]
    value = "nothing was seen" if said["value"] is None else f"{said['value']:g}"
    return said["what"], value, " and ".join(limits)
