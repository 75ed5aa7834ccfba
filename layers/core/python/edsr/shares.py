"""Shares: how far the shares of failures of two samples may be apart, by what was counted of each.

The bounds are Newcombe's, of Wilson's score intervals (Statistics in Medicine 17, 1998, method 10): they hold where
shares are near zero, and where nothing failed at all.
"""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

SURE = 0.99
"""How sure each of the two bounds is, by itself."""

Z = NormalDist().inv_cdf(SURE)


class Counted(NamedTuple):
    """How many there were, and how many of them failed."""

    total: int
    bad: int

    @property
    def share(self) -> float:
        """The share that failed, from 0 to 1."""
        return self.bad / self.total


class Bounds(NamedTuple):
    """Between what a number is, by what was counted."""

    low: float
    high: float


def bounds(sample: Counted) -> Bounds:
    """Between what the true share of failures is: Wilson's score interval. The total is not 0."""
    squared = Z * Z / sample.total
    middle = sample.share + squared / 2
    spread = sqrt(squared * (sample.share * (1 - sample.share) + squared / 4))
    return Bounds((middle - spread) / (1 + squared), (middle + spread) / (1 + squared))


def excess(canary: Counted, baseline: Counted) -> Bounds:
    """By how much the canary's share of failures is above the baseline's; below 0 where it fails less."""
    between, usual = bounds(canary), bounds(baseline)
    apart = canary.share - baseline.share
    return Bounds(
        apart - sqrt((canary.share - between.low) ** 2 + (usual.high - baseline.share) ** 2),
        apart + sqrt((between.high - canary.share) ** 2 + (baseline.share - usual.low) ** 2),
    )
