"""What a game day measures: figures worked out of samples, of customers' calls and of what was done."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from statistics import fmean, quantiles
from typing import Any, Literal, NamedTuple

from pydantic import Field

from edsr.policy.words import Document, Id, Text

Way = Literal["seconds-above", "highest", "lowest", "first", "last", "sum", "mean", "p95"]


class Measure(Document):
    """A figure of the report, and within which limits it must be."""

    name: Id = Field(title="Name", description="As programs read it.")
    say: Text = Field(title="Say", description="What it is, with its unit.")
    of: Id = Field(title="Of", description="A sample's name; or served, failed or latency of customers' calls.")
    way: Way = Field(title="Way", description="How the figure comes of it.")
    above: float = Field(default=0, title="Above", description="The limit that seconds-above counts above.")
    times: float = Field(default=1, title="Times", description="By what it is multiplied, such as a price.")
    from_: float | None = Field(default=None, alias="from", title="From", description="It is this minus the figure.")
    least: float | None = Field(default=None, title="Least", description="Below it the day fails.")
    most: float | None = Field(default=None, title="Most", description="Above it the day fails.")


class Point(NamedTuple):
    """What was seen when."""

    at: datetime
    value: float


class Figure(NamedTuple):
    """A measure's figure: None where there was nothing to work it out of."""

    measure: Measure
    value: float | None

    @property
    def wrong(self) -> str | None:
        """What is wrong with it."""
        name, least, most = self.measure.say, self.measure.least, self.measure.most
        if self.value is None:
            return f"{name}: nothing was seen of {self.measure.of}"
        if least is not None and self.value < least:
            return f"{name}: {self.value:g}, expected at least {least:g}"
        if most is not None and self.value > most:
            return f"{name}: {self.value:g}, expected at most {most:g}"
        return None

    def as_json(self) -> dict[str, Any]:
        """For the report in JSON."""
        said = self.measure
        return {"name": said.name, "what": said.say, "value": self.value, "least": said.least, "most": said.most}


def figure(measure: Measure, series: Mapping[str, Sequence[Point]]) -> Figure:
    """The figure of a measure."""
    points = series.get(measure.of, ())
    if not points:
        return Figure(measure, None)
    value = _worked_out(measure, points) * measure.times
    return Figure(measure, round(value if measure.from_ is None else measure.from_ - value, 4))


def _worked_out(measure: Measure, points: Sequence[Point]) -> float:
    if measure.way == "seconds-above":
        return _above(measure.above, points)
    return WAYS[measure.way]([point.value for point in points])


def _above(limit: float, points: Sequence[Point]) -> float:
    """Seconds that it was above a limit: what was seen holds until the next look."""
    return sum((later.at - one.at).total_seconds() for one, later in pairwise(points) if one.value > limit)


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


WAYS: dict[str, Callable[[Sequence[float]], float]] = {
    "highest": max,
    "lowest": min,
    "first": lambda values: values[0],
    "last": lambda values: values[-1],
    "sum": sum,
    "mean": fmean,
    "p95": _p95,
}
