"""The days' audit, asked as auditors ask: every named query over its export, and over the boundary's trail."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cli.export import copy
from cli.gameday import trail
from cli.gameday.stage import Stage
from edsr.ports import utc_now

if TYPE_CHECKING:  # SQL's parser and engine are loaded when something is asked, not with every command
    from cli.query.asked import Answer
    from cli.query.embedded import Lake

AUDIT, TRAIL = "audit", "trail"
LATER = timedelta(hours=1)
"""What is young is not asked about: a trail of AWS comes late, and this one is there at once."""

EMPTY = {
    "calls-without-record": "calls of the suite's that its audit lacks",
    "records-without-call": "actions in the audit that nobody saw",
    "gaps-in-the-chain": "gaps in the audit's chains",
}
"""Queries that nothing may come of."""

_MOST = "SELECT {} AS most FROM records WHERE kind = 'OUTCOME' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
MOST = {
    "resource": _MOST.format("json_extract_scalar(body, '$.target')"),
    "incident": _MOST.format("incident_id"),
}
"""What is asked about where a query has to be told: what most was done to, or in."""


class Asking(NamedTuple):
    """What a query came to, and what it was told."""

    name: str
    title: str
    told: dict[str, str]
    answer: "Answer"

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The answer's rows by the names of its columns."""
        return [dict(zip(self.answer.columns, row, strict=True)) for row in self.answer.rows]


def keep(stage: Stage) -> None:
    """Keep the audit's export and the boundary's trail beside the sandbox, before both go."""
    copy(stage.account, stage.folder / AUDIT, utc_now())
    trail.write(stage.folder / TRAIL, stage.boundary.trail)


def forget(folder: Path) -> None:
    """Nothing is kept of a run before."""
    for name in (AUDIT, TRAIL):
        for kept in folder.glob(f"lane-*/{name}"):
            shutil.rmtree(kept)


def kept(folder: Path) -> list[Path]:
    """The lanes of which something was kept."""
    return sorted(found.parent for found in folder.glob(f"lane-*/{AUDIT}"))


def ask(lane: Path) -> list[Asking]:
    """Ask every named query. A query about one resource, or incident, is left out where nothing was done to any."""
    from cli.query.embedded import Lake

    return list(_asked(Lake(lane / AUDIT, utc_now() + LATER, lane / TRAIL)))


def _asked(lake: "Lake") -> Iterator[Asking]:
    from cli.query.asked import asked
    from infra.auditing.queries import queries

    today = utc_now().date()
    for query in queries().values():
        wanted = [one.name for one in query.parameters if one.name in MOST]
        told = {name: str(row[0]) for name in wanted for row in lake.ask(asked(MOST[name], {}, today)).rows}
        if len(told) == len(wanted):
            yield Asking(query.name, query.title, told, lake.ask(asked(query.name, told, today)))


def problems(found: Sequence[Asking]) -> list[str]:
    """What may not have come of it."""
    rows = {one.name: one.rows for one in found}
    return [
        *(f"{len(rows[name])} {what}: {name}" for name, what in EMPTY.items() if rows.get(name)),
        *(f"nothing allowed {row}" for row in rows.get("actions-without-approval", ()) if row["allowed_by"] == "NONE"),
        *(f"the audit is not complete: {row}" for row in rows.get("completeness", ()) if row["percent"] < 100),
    ]
