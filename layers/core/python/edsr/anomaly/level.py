"""The band around what is expected, and the level that moves for good: it is learned anew, and said."""

from math import sqrt

from edsr.anomaly.numbers import Numbers
from edsr.anomaly.season import Season

_WIDE = 4.0
_SHIFTED = 48
"""So many points in a row on one side of the band are a new level."""
_RELEARN = 24


class Level:
    """The drift of a series against its season, or against its recent level before there is a season."""

    __slots__ = ("_now", "_season")

    def __init__(self, numbers: Numbers, season: Season) -> None:
        self._now, self._season = numbers, season

    def band(self, slot: int, seasonal: bool) -> float:
        """Half the width of the usual band."""
        if seasonal:
            return _WIDE / 2.0 * (self._season.distance[slot] + self._now.usual)
        return _WIDE * sqrt(self._now.spread)

    def shift(self, away: float, band: float, seasonal: bool) -> str:
        """What there is to say of a level shift: it has happened, or is being learned; nothing ("") otherwise."""
        now = self._now
        if now.relearn:
            now.relearn -= 1
            return "re-learning after a level shift"
        if abs(away) <= band:
            now.beyond, now.drift = 0, 0.0
            return ""
        if now.drift * away < 0.0:
            now.beyond, now.drift = 0, 0.0
        now.beyond += 1
        now.drift += (away - now.drift) / now.beyond
        return self._moved(seasonal) if now.beyond >= _SHIFTED else ""

    def _moved(self, seasonal: bool) -> str:
        now, by = self._now, self._now.drift
        if seasonal:
            self._season.move(by)
        now.slow += by if not seasonal else 0.0
        now.beyond, now.drift, now.relearn = 0, 0.0, _RELEARN
        return f"the level has shifted by {by:+.4g}: re-learning"
