"""What a dashboard's own widget shows: the latest incidents live, each from its event to what was done about it."""

from typing import Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from edsr.audit import readable
from edsr.aws.store import DynamoStore
from edsr.declare import Function, Permission
from edsr.errors import Malformed
from edsr.legible import escape
from edsr.model import AuditRecord, Kind, State
from edsr.ports import Store
from edsr.protocol import keys
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Tables
from edsr.timeline import stands, timeline
from edsr.times import iso
from edsr.way import STYLE, waterfall, way
from record.recent import latest

HOW = """## The latest incidents
Each from its event to what was done about it, live from the audit. Parameters:
```yaml
show: chains    # or waterfall: how long each part took; or open: only those that have not ended
count: 5        # at most 20
```"""

FRAME = ".edsr-case { border-top: 1px solid #8886; padding: .6rem 0; } .edsr-case h3 { margin: 0; font-size: 1rem; }"


class Wanted(BaseModel):
    """A widget's parameters; what the dashboard says besides is left alone."""

    show: Literal["chains", "waterfall", "open"] = "chains"
    count: int = Field(default=5, ge=1, le=20)
    describe: bool = False


def run(event: Event, runtime: Runtime[Tables]) -> str:
    """The widget's HTML, or, when it is to `describe` itself, how it is used. Raises Malformed, Transient."""
    try:
        wanted = Wanted.model_validate(event)
    except ValidationError as exc:
        first = exc.errors()[0]
        raise Malformed(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from exc
    if wanted.describe:
        return HOW
    client = runtime.clients("dynamodb")
    store = DynamoStore(client, runtime.settings)
    cases = [_read(store, incident) for incident in latest(client, runtime.settings.state_table, wanted.count)]
    told = [_told(case, wanted.show) for case in cases if case.records and (wanted.show != "open" or _open(case))]
    none = "nothing is open" if wanted.show == "open" else "nothing was to be done within a week"
    fresh = f"As of {iso(runtime.clock())}, of the last {wanted.count} incidents; the audit is a second behind at most."
    return f"<style>{STYLE}{FRAME}</style>{''.join(told) or f'<p>{none}</p>'}<p>{fresh}</p>"


class Case(NamedTuple):
    """An incident's records, and how many rows of its chain hold none."""

    records: tuple[AuditRecord, ...]
    unreadable: int


def _read(store: Store, incident: str) -> Case:
    found, flaws = readable(store.partition("audit", keys.chain(incident)))
    return Case(tuple(found), len(flaws))


def _open(case: Case) -> bool:
    """It has not ended, or was left to people at once: nothing says when they are done, unless it recovers."""
    closed = any(record.kind is Kind.CLOSE for record in case.records)
    return not closed or stands(case.records) is State.HOLDING


def _told(case: Case, show: str) -> str:
    first = case.records[0]
    found = first.body.get("finding", {})
    state, title = stands(case.records) or "under way", found.get("title", "")
    about = (found.get("subject", {}).get("service") or "no service", found.get("policy", ""), first.incident_id)
    entries = timeline(case.records)
    body = waterfall(entries) if show == "waterfall" else way(entries)
    flaw = f"<p>{case.unreadable} rows hold no record: edsr audit verify</p>" if case.unreadable else ""
    head = f"<h3>{escape(f'{state}: {title}')}</h3><p>{escape(', '.join(map(str, about)))}</p>"
    return f'<section class="edsr-case">{head}{flaw}{body}</section>'


handler = Handler(
    run,
    Function(
        settings=Tables,
        permissions=(
            Permission(actions=("dynamodb:Query",), on="state-table", keys=(keys.RECENT,)),
            Permission(actions=("dynamodb:Query",), on="audit-table"),
        ),
    ),
)
