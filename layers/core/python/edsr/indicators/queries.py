"""Measures in CloudWatch's metric maths: the same figures as a report's, of the metrics that record emits."""

from typing import NamedTuple

from edsr.indicators.table import Indicator

DIMENSIONS = {"service": "edsr"}
"""Of every metric that a measure is made of: none of them has another."""


class Query(NamedTuple):
    """A metric with its statistic, or, without a metric, an expression over others; only one is `shown`."""

    id: str
    label: str
    metric: str = ""
    stat: str = ""
    expression: str = ""
    shown: bool = True


def queries(indicator: Indicator) -> list[Query]:
    """What gives a measure over any period; the shown one comes last."""
    name, own, other = indicator.id.lower(), indicator.metric, indicator.of
    label = f"{indicator.id} {indicator.title}"
    match indicator.statistic:
        case "mean":
            return [Query(name, label, own, "Average")]
        case "median":
            return [Query(name, label, own, "p50")]
        case "count":
            return [Query(name, label, own, "Sum")]
        case "share":
            return [
                Query(f"{name}_own", own, own, "Average", shown=False),
                Query(name, label, expression=f"100 * {name}_own"),
            ]
        case "ratio":
            expression, stat = f"100 * FILL({name}_own, 0) / {name}_of", "Sum"
        case "per":
            expression, stat = f"{name}_own / {name}_of", "SampleCount"
    return [
        Query(f"{name}_own", own, own, stat, shown=False),
        Query(f"{name}_of", other, other, "SampleCount", shown=False),
        Query(name, label, expression=expression),
    ]
