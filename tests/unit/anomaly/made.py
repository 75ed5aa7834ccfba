"""Made series: a day of a given shape, every five minutes."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import pi, sin

from edsr.anomaly import Anomaly, Series

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY = 288
Points = list[tuple[datetime, float]]


def daily(points: int, level: float = 100.0, noise: float = 2.0, seed: int = 1) -> Points:
    """A day that swings by 30 around the level, with noise."""
    drawn = random.Random(seed)  # noqa: S311 - nothing secret
    return [(MONDAY + n * STEP, level + 30.0 * sin(2 * pi * n / DAY) + drawn.gauss(0.0, noise)) for n in range(points)]


def fed(series: Series, points: Iterable[tuple[datetime, float]]) -> list[Anomaly]:
    """What a series says to each point."""
    return [series.observe(at, value) for at, value in points]
