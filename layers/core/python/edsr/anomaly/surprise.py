"""How surprising a point is: five distances of it, each ranked among its own past, made into one score."""

from math import exp, sqrt

from edsr.anomaly.numbers import Numbers
from edsr.anomaly.rarity import COMMON, Rarity

_SMOOTH, _QUICK, _SLOW, _SLOWER, _CALM = 0.15, 0.2, 0.005, 0.0005, 0.05
"""How much of a new point each moving average takes in."""
_CALM_FROM = 100
_KNOWN = 12.0
"""Past this surprise the next point counts an eighth in the ranks: what is alarming is not to become usual."""
_LOUD, _HELD = 10.0, 1.5
_FADES = 0.998
_SCALE = 4.0


class Surprise:
    """The moving averages behind the ranks live in `numbers`, so that they are part of the state."""

    __slots__ = ("_far", "_flat", "_moved", "_now", "_smooth", "_strange")

    def __init__(self, numbers: Numbers, rare: tuple[Rarity, ...]) -> None:
        self._now = numbers
        self._far, self._smooth, self._moved, self._flat, self._strange = rare

    def forget_the_recent(self) -> None:
        """After a gap: what was going on before it says nothing about now."""
        self._now.quick, self._now.smooth = self._now.slow, 0.0

    def score(self, x: float, distance: float, seasonal: bool) -> float:
        """0..1: 0 unless the point surprises more than what was told lately. Learns the point."""
        now = self._now
        points = now.points
        now.smooth += _SMOOTH * (distance - now.smooth)
        now.quick += _QUICK * (x - now.quick)
        weight = _SLOW if points > 200 else 1.0 / points
        off = x - now.slow
        moved = abs(now.quick - now.slow)
        now.slow += weight * off
        now.spread = (1.0 - weight) * (now.spread + weight * off * off)
        moved = moved / sqrt(now.spread) if now.spread > 0.0 else 0.0
        now.slower += (_SLOWER if points > 2000 else 1.0 / points) * (x - now.slower)
        if seasonal:
            now.usual += 0.02 * (min(distance, 4.0 * now.usual) - now.usual) if now.usual else distance
        count = 1 if now.loud else COMMON
        far, smooth = self._far.rank(distance, count), self._smooth.rank(now.smooth, count)
        shift, flat = self._moved.rank(moved, count), 0.7 * self._flat.rank(self._stillness(x), count)
        strange = 0.5 * self._strange.rank(abs(x - now.slower), count)
        together = (
            far * sqrt(far) + smooth * sqrt(smooth) + shift * sqrt(shift) + flat * sqrt(flat) + strange * sqrt(strange)
        )
        return self._news(3.0 * (together / 3.0) ** (2 / 3))

    def _stillness(self, x: float) -> float:
        """How much less than usual the series changes from point to point; 0.0 while too few were seen."""
        now = self._now
        change = abs(x - now.before)
        now.before = x
        now.change += _CALM * (change - now.change)
        now.changes += max(0.002, 1.0 / now.points) * (change - now.changes)
        if now.points <= _CALM_FROM or now.changes <= 0.0:
            return 0.0
        return now.changes / (now.change + 0.02 * now.changes)

    def _news(self, surprise: float) -> float:
        now = self._now
        now.loud = surprise > _KNOWN
        peak = now.peak * _FADES
        if surprise <= peak:
            now.peak = peak
            return 0.0
        now.peak = surprise + _HELD if surprise > _LOUD else surprise
        return 1.0 - exp(-surprise / _SCALE)
