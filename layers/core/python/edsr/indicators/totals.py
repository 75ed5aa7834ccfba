"""Observations added up: the figure of each measure, whether it is met, and how it came about."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import NamedTuple

from edsr.indicators.labels import labelled
from edsr.indicators.observed import Observation, incident_of, observe
from edsr.indicators.table import INDICATORS, Indicator
from edsr.model import AuditRecord

Chains = Mapping[str, Sequence[AuditRecord]]
"""The records of incidents, and of months of what was switched, by their owner and in order."""


class Figure(NamedTuple):
    """A measure's figure: None when nothing was observed of which it could be told. `met` is None without a target."""

    indicator: Indicator
    value: float | None
    samples: int

    @property
    def met(self) -> bool | None:
        """Whether it is on the right side of its target."""
        target = self.indicator.target
        return None if target is None or self.value is None else target.met(self.value)


def text(figure: Figure) -> str:
    """`12.3 s`, `97.5 %`, `-` when there is none."""
    if figure.value is None:
        return "-"
    number = f"{figure.value:,.1f}".removesuffix(".0")
    return f"{number} {figure.indicator.unit}".rstrip()


def target(figure: Figure) -> str:
    """`<= 60 s`, or that it is only watched."""
    aim = figure.indicator.target
    return f"{aim} {figure.indicator.unit}".rstrip() if aim else "watched"


def observations(chains: Chains, since: str = "", until: str = "9999") -> list[Observation]:
    """What all records within two times (as ISO 8601, the later one excluded) add, each once."""
    return [
        seen
        for chain in chains.values()
        for record in chain
        if since <= record.ts < until
        for seen in observe(record, _about(record, chains))
    ]


def figures(seen: Iterable[Observation]) -> list[Figure]:
    """Every measure's figure, in the order of the table."""
    values: dict[str, list[float]] = defaultdict(list)
    for one in seen:
        values[one.metric].append(one.value)
    return [_figure(indicator, values) for indicator in INDICATORS]


def by(seen: Iterable[Observation], name: str) -> dict[str, list[Observation]]:
    """Observations by what they say of `policy`, `affected`, `action`; those that do not say are left out."""
    parts: dict[str, list[Observation]] = defaultdict(list)
    for one in seen:
        if name in one.said:
            parts[one.said[name]].append(one)
    return dict(sorted(parts.items()))


def precision(chains: Chains) -> dict[str, tuple[int, int]]:
    """Of each policy's incidents that were labelled: how many were true (also a harmful one was), and how many not."""
    said = [found for chain in chains.values() for record in chain if (found := labelled(record))]
    labels = {found.incident: found.label for found in said}
    counted: dict[str, tuple[int, int]] = {}
    for incident, label in labels.items():
        if label == "unclear" or not chains.get(incident):
            continue
        policy = chains[incident][0].body["decision"]["policy"]
        true, false = counted.get(policy, (0, 0))
        wrong = label == "false-positive"
        counted[policy] = (true + (not wrong), false + wrong)
    return counted


def _about(record: AuditRecord, chains: Chains) -> Sequence[AuditRecord]:
    incident = incident_of(record)
    return chains.get(incident, ()) if incident else ()


def _figure(indicator: Indicator, values: Mapping[str, Sequence[float]]) -> Figure:
    own, other = values.get(indicator.metric, ()), values.get(indicator.of, ())
    value: float | None = None
    match indicator.statistic:
        case "mean":
            value = fmean(own) if own else None
        case "median":
            value = median(own) if own else None
        case "share":
            value = 100 * fmean(own) if own else None
        case "count":
            value = sum(own)
        case "ratio":
            value = 100 * sum(own) / len(other) if other else None
        case "per":
            value = len(own) / len(other) if other else None
    samples = len(other) if indicator.statistic == "ratio" else len(own)
    return Figure(indicator, value, samples)
