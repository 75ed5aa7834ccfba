"""What a day is known to have been, measure by measure, beside what the audit and the metrics say of it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import Field

from cli.account import Account
from cli.chains import every
from edsr.indicators.observed import Observation
from edsr.indicators.table import INDICATORS
from edsr.indicators.totals import Figure, figures, observations, text
from edsr.metrics import NAMESPACE
from edsr.policy.words import Document
from edsr.protocol.keys import CONTROL
from edsr.times import iso

LOG = "/aws/lambda/edsr-record"
METRICS = frozenset(name for one in INDICATORS for name in (one.metric, one.of) if name)


class Between(Document):
    """A figure that is not known to the digit."""

    least: float = Field(default=0, title="Least", description="Not below.")
    most: float = Field(title="Most", description="Not above.")

    def __str__(self) -> str:
        return f"{self.least:g} to {self.most:g}"


Known = float | Between | None
"""None: nothing happened of which it could be told."""


class Compared(NamedTuple):
    """A measure as the audit tells it, as the metrics do (where they were read), and as it is known to be."""

    audited: Figure
    emitted: Figure | None
    known: Known

    @property
    def wrong(self) -> str | None:
        """What is wrong with it."""
        said = f"{self.audited.indicator.id}, {self.audited.indicator.title}: known to be {self.truth}"
        for who, figure in (("the audit says", self.audited), ("the metrics say", self.emitted)):
            if figure is not None and not _is(self.known, figure.value):
                return f"{said}, and {who} {text(figure)}"
        return None

    @property
    def truth(self) -> str:
        """What is known, for people."""
        return "-" if self.known is None else f"{self.known:g}" if isinstance(self.known, float) else str(self.known)

    def as_json(self) -> dict[str, Any]:
        """For the report in JSON."""
        metrics = None if self.emitted is None else self.emitted.value
        return {
            "id": self.audited.indicator.id,
            "known": self.truth,
            "audit": self.audited.value,
            "metrics": metrics,
            "right": not self.wrong,
        }


def _is(known: Known, value: float | None) -> bool:
    if known is None or value is None:
        return known is value
    if isinstance(known, Between):
        return known.least <= value <= known.most
    return abs(value - known) < 1e-6


def compared(known: Mapping[str, Known], audited: Sequence[Figure], emitted: Sequence[Figure] | None) -> list[Compared]:
    """Those of which something is known, in the order of the table."""
    metrics = {figure.indicator.id: figure for figure in emitted or ()}
    return [
        Compared(figure, metrics.get(figure.indicator.id), known[figure.indicator.id])
        for figure in audited
        if figure.indicator.id in known
    ]


def audited(account: Account, since: datetime, incidents: Collection[str]) -> list[Figure]:
    """The measures of these incidents, and of what was said of them since then, as a report tells them."""

    chains = every(account).records.items()
    ours = {owner: chain for owner, chain in chains if owner in incidents or owner.startswith(CONTROL)}
    return figures(observations(ours, iso(since)))


def emitted(account: Account, since: datetime, incidents: Collection[str]) -> list[Figure]:
    """The same out of the lines that `record` has written, of which CloudWatch makes metrics."""
    pages = account.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(logGroupName=LOG, startTime=int(since.timestamp() * 1000))
    lines = (event["message"] for page in found for event in page["events"])
    return figures(one for line in lines for one in read(line, incidents))


def read(line: str, incidents: Collection[str]) -> Iterator[Observation]:
    """What a line of the log adds to the measures of these incidents; most lines say something else."""
    try:
        said = json.loads(line)
    except ValueError:
        return
    told = said.get("_aws") if isinstance(said, dict) else None
    owner = str(said.get("incident_id", "")) if told else ""
    if not told or not (owner in incidents or owner.startswith(CONTROL)):
        return
    for directive in told["CloudWatchMetrics"]:
        if directive["Namespace"] == NAMESPACE:
            for name in METRICS & {metric["Name"] for metric in directive["Metrics"]}:
                yield from (Observation(name, value, {}) for value in _values(said[name]))


def _values(said: Any) -> list[float]:
    return [float(one) for one in said] if isinstance(said, list) else [float(said)]
