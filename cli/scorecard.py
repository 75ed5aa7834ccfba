"""The measures of a period as people, programs and pages are told of them: one table, whoever asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.chains import Chains
from edsr.indicators.observed import Observation
from edsr.indicators.totals import Figure, by, figures, observations, precision
from edsr.times import iso

PARTS = ("M3", "M2", "M4", "M5", "M6")
"""The measures that are told apart by policy and by service."""


@dataclass(frozen=True)
class Part:
    """The figures of one policy or service; `labelled` are how many of its incidents were true, and how many not."""

    name: str
    findings: int
    actions: int
    figures: dict[str, Figure]
    labelled: tuple[int, int] | None = None

    @property
    def precision(self) -> float | None:
        """How many percent of what was labelled was true; None when nothing was."""
        true, false = self.labelled or (0, 0)
        return 100 * true / (true + false) if true + false else None


@dataclass(frozen=True)
class Scorecard:
    """All figures from `since` to `until`, altogether and by policy and service."""

    since: datetime
    until: datetime
    figures: list[Figure]
    policies: list[Part]
    services: list[Part]
    unreadable: int

    @property
    def missed(self) -> list[Figure]:
        """What is on the wrong side of its target."""
        return [figure for figure in self.figures if figure.met is False]

    @property
    def aimed(self) -> int:
        """How many have a target, and a figure."""
        return sum(figure.met is not None for figure in self.figures)

    @property
    def summary(self) -> str:
        """In a line."""
        if not self.aimed:
            return "nothing was measured"
        return f"{self.aimed - len(self.missed)} of {self.aimed} targets are met"


def scorecard(chains: Chains, since: datetime, until: datetime) -> Scorecard:
    """Add up what the audit says of a period."""
    seen = observations(chains.records, iso(since), iso(until))
    return Scorecard(
        since,
        until,
        figures(seen),
        _parts(seen, "policy", precision(chains.records)),
        _parts(seen, "affected"),
        chains.unreadable,
    )


def _parts(seen: Iterable[Observation], name: str, labelled: dict[str, tuple[int, int]] | None = None) -> list[Part]:
    return [
        Part(
            part,
            sum(one.metric == "EventDelivered" for one in own),
            sum(one.metric == "RemediationSucceeded" for one in own),
            {one.indicator.id: one for one in figures(own) if one.indicator.id in PARTS},
            (labelled or {}).get(part),
        )
        for part, own in by(seen, name).items()
    ]


def as_json(card: Scorecard) -> dict[str, Any]:
    """For --json."""
    return {
        "since": iso(card.since),
        "until": iso(card.until),
        "summary": card.summary,
        "unreadable_records": card.unreadable,
        "measures": [_measure(figure) for figure in card.figures],
        "policies": [_part(part) | {"precision": part.precision} for part in card.policies],
        "services": [_part(part) for part in card.services],
    }


def _measure(figure: Figure) -> dict[str, Any]:
    said, aim = figure.indicator, figure.indicator.target
    return {
        "id": said.id,
        "title": said.title,
        "value": figure.value,
        "unit": said.unit,
        "target": str(aim) if aim else None,
        "met": figure.met,
        "samples": figure.samples,
        "metric": said.metric,
        "how": said.how,
        "heed": said.heed,
    }


def _part(part: Part) -> dict[str, Any]:
    values = {name: figure.value for name, figure in part.figures.items()}
    return {"name": part.name, "findings": part.findings, "actions": part.actions, **values}
