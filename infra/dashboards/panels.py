"""What a dashboard is made of, whichever program shows it."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from edsr.metrics import NAMESPACE

Kind = Literal["number", "graph", "logs", "live", "traces"]
"""`number` is one figure over the whole window; `live` the suite's own widget, for Grafana a query of its logs."""

OURS = {"service": "edsr"}
"""A dimension of every metric of the suite."""


class Line(NamedTuple):
    """A metric with its statistic, or an expression over the ids of others. Only what is `shown` is drawn."""

    id: str
    label: str
    metric: str = ""
    stat: str = "Sum"
    expression: str = ""
    dimensions: Mapping[str, str] = OURS
    namespace: str = NAMESPACE
    shown: bool = True


class Panel(NamedTuple):
    """One panel. `fresh` says how old what it shows may be; `limit` is a target that is drawn as a line.

    Of logs `groups` are asked with the `query`; a `live` panel shows what `show` says, and has a query for Grafana.
    """

    title: str
    kind: Kind
    lines: tuple[Line, ...] = ()
    query: str = ""
    groups: tuple[str, ...] = ()
    show: str = ""
    unit: str = ""
    limit: float | None = None
    fresh: str = "a minute old at most"
    width: int = 12
    height: int = 6


class Dashboard(NamedTuple):
    """Panels for somebody, all over the same window (ISO 8601, up to now), and in steps of so many seconds."""

    name: str
    title: str
    window: str
    words: str
    period: int
    panels: tuple[Panel, ...]

    def heading(self, panel: Panel) -> str:
        """A panel's title with its window and how old it may be."""
        return f"{panel.title} · {self.words} · {panel.fresh}"
