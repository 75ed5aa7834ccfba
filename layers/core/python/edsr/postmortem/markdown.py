"""A postmortem as Markdown: nothing that an event says becomes markup, and every line leads to its raw record."""

import json
import re
from collections.abc import Iterator, Sequence

from edsr.indicators.totals import Figure, target, text
from edsr.legible import line
from edsr.model import AuditRecord
from edsr.postmortem.telling import Decided, Postmortem
from edsr.timeline import Entry
from edsr.way import clock

MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~<>&-]|:(?=//)|(?<=www)\.)", re.IGNORECASE)
"""What means something in Markdown, or in the HTML that it may hold; a bare address would become a link."""


def markdown(told: Postmortem) -> str:
    """The whole document; its last part holds the raw records, to which the timeline links."""
    return "\n".join(_lines(told)) + "\n"


def plain(said: object) -> str:
    """Anything as one line in which nothing is markup."""
    return MARKUP.sub(r"\\\1", line(str(said)))


def _lines(told: Postmortem) -> Iterator[str]:
    yield f"# Postmortem: {plain(told.title)}"
    yield ""
    yield f"Incident `{told.incident}`, {plain(told.state)}. A draft, told from the audit: people add what they know."
    yield ""
    yield "## Facts"
    yield ""
    yield from _table(("what", "figure"), [(plain(name), plain(value)) for name, value in told.facts.items()])
    yield "## Did automation help?"
    yield ""
    yield plain(told.helped)
    yield ""
    yield "## Timeline"
    yield ""
    yield from _table(("when (UTC)", "after", "what", "why", "record"), [_moment(entry) for entry in told.entries])
    yield "## Decisions and why"
    yield ""
    for one in told.decisions:
        yield from _decision(one)
    yield "## Measures"
    yield ""
    yield from _table(("measure", "here", "target"), [_figure(one) for one in told.figures])
    yield "## Action items"
    yield ""
    yield from _table(("", "what", "owner", "due"), [("[ ]", plain(action), "", "") for action in told.actions])
    yield "## Raw records"
    yield ""
    for record in told.records:
        yield from _raw(record)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _moment(entry: Entry) -> tuple[str, ...]:
    moment = entry.moment
    record = f"[{moment.seq}](#record-{moment.seq})" if moment.seq else ""
    return clock(moment.at), f"{entry.after_s:.3f} s", plain(moment.what), plain(moment.why), record


def _figure(one: Figure) -> tuple[str, ...]:
    return f"{one.indicator.id} {plain(one.indicator.title)}", plain(text(one)), plain(target(one))


def _decision(one: Decided) -> Iterator[str]:
    yield f"{plain(one.at)}: **{plain(one.verdict)}** \\({plain(one.mode)}\\)"
    yield ""
    rows = [(plain(row["gate"]), _answer(row["allowed"], row["observed"]), plain(row["reason"])) for row in one.rows]
    yield from _table(("gate", "answer", "reason"), rows)


def _answer(allowed: object, observed: object) -> str:
    return "allowed" if allowed else "unknown" if observed is None else "refused"


def _raw(record: AuditRecord) -> Iterator[str]:
    """Indented, so that nothing in it can end the block: JSON has no line breaks within a text."""
    yield f'### <a id="record-{record.seq}"></a>Record {record.seq}: {record.kind.value}'
    yield ""
    yield from (f"    {line}" for line in json.dumps(record.model_dump(mode="json"), indent=2).splitlines())
    yield ""
