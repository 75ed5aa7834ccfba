"""One series of numbers: each point is judged by those before it, then learned from."""

from datetime import UTC, datetime
from math import exp, sqrt
from struct import Struct
from typing import Self

from edsr.anomaly.rarity import Rarity
from edsr.anomaly.reading import Anomaly, Standing, span_text
from edsr.anomaly.season import SLOTS, Season
from edsr.anomaly.state import StateUnreadable, pack, unpack

FEWER_MISSED, STANDARD, FEWER_FALSE = 0.93, 0.94, 0.96
"""Scores from which a point alarms; see docs/anomaly.md."""

_DAY = 86_400.0
_SLOT = _DAY / SLOTS
_LARGEST_VALUE = 1e30
_WARM_UP = 50
_PEAK_KEPT = 0.9975
_WIDE = 4.0
_SETTLED = 3
_SHIFTED = 48
_RELEARN = 24
_FORMAT = Struct("<?13d5I")


class Series:
    """The memory of one series; `alarm_at` is the score from which a point alarms.

    A counter (`counter=True`: a total that only grows and begins again at 0) is judged by its growth a second.
    """

    def __init__(self, alarm_at: float = STANDARD, *, counter: bool = False) -> None:
        self.alarm_at = alarm_at
        self._counter = counter
        self._season = Season()
        self._rare = (Rarity(), Rarity(), Rarity())
        self._points = 0
        self._began = self._last = self._raw = 0.0
        self._origin = 0.0
        self._slow = self._quick = self._spread = self._away = 0.0
        self._step = 0.0
        self._peak = 0.0
        self._onset = -1.0
        self._drift = 0.0
        self._inside = self._beyond = self._relearn = self._skipped = 0

    def observe(self, at: datetime, value: float) -> Anomaly:
        """Judge a point, then learn from it.

        `at` is an aware time (ValueError otherwise). A point that is not newer than the last, and a value that is not
        a number below 1e30, change nothing and come back `ignored`.
        """
        if at.tzinfo is None:
            raise ValueError("a time needs its offset, such as Z or +00:00")
        when = at.timestamp()
        if self._points + self._skipped and when <= self._last:
            return self._ignored(at, value, "ignored: not newer than the point before it")
        if not -_LARGEST_VALUE <= value <= _LARGEST_VALUE:
            return self._ignored(at, value, "ignored: not a finite number below 1e30")
        note = ""
        gap = when - self._last
        if self._counter:
            grown, self._raw = (value - self._raw if value >= self._raw else value), value
            if value < grown + 0.0 or (grown == value and self._points):
                note = "the counter began again"
            if not self._points and not self._skipped:
                self._skipped, self._last = 1, when
                return Anomaly(at, value, 0.0, 0.0, 0.0, 0.0, "learning", False, None, False, "the first count")
            value = grown / gap
        return self._judged(at, when, value, gap, note)

    def _judged(self, at: datetime, when: float, value: float, gap: float, note: str) -> Anomaly:
        points = self._points
        if not points:
            self._began, self._origin = when, value
        elif self._step and gap > 4.0 * self._step:
            note = note or f"after a gap of {span_text(gap)}"
            self._quick = value - self._origin
        if points:
            self._step += 0.1 * (min(gap, 2.0 * self._step) - self._step) if self._step else gap
        self._points, self._last = points + 1, when
        x = value - self._origin
        slot = int(when % _DAY / _SLOT)
        usual = self._season.expected(slot) if when - self._began >= _DAY else None
        seasonal = usual is not None
        expected = self._slow if usual is None else usual
        band = _WIDE * (self._season.distance[slot] if seasonal else sqrt(self._spread))
        surprise = self._surprise(slot, x, expected)
        score = self._score(surprise)
        standing: Standing = "judged"
        if points < _WARM_UP:
            standing, score = "learning", 0.0
            note = note or f"learning: {points + 1} of {_WARM_UP} points"
        else:
            shifted = self._shift(x - expected, band, seasonal)
            if shifted:
                note = shifted
            if self._relearn:
                self._relearn -= 1
                standing, score = "relearning", 0.0
                note = note or "re-learning after a level shift"
        alarming = score >= self.alarm_at
        self._episode(alarming, when, abs(x - expected) <= band)
        expected += self._origin
        onset = datetime.fromtimestamp(self._onset, UTC) if self._onset >= 0.0 else None
        return Anomaly(
            at, value, score, expected, expected - band, expected + band, standing, alarming, onset, seasonal, note
        )

    def _surprise(self, slot: int, x: float, expected: float) -> float:
        """The ranks of three distances, added: from what is usual, the same smoothed, and of the recent level."""
        self._season.learn(slot, x)
        distance = abs(x - expected)
        self._away += 0.2063 * (distance - self._away)
        self._quick += 0.2 * (x - self._quick)
        weight = max(0.01, 1.0 / (self._points))
        off = x - self._slow
        moved = abs(self._quick - self._slow)
        self._slow += weight * off
        self._spread = (1.0 - weight) * (self._spread + weight * off * off)
        moved = moved / sqrt(self._spread) if self._spread > 0.0 else 0.0
        one, two, three = self._rare
        return one.rank(distance) + two.rank(self._away) + three.rank(moved)

    def _score(self, surprise: float) -> float:
        """0 unless it is more surprising than what was told lately: the last peak, fading."""
        peak = self._peak * _PEAK_KEPT
        if surprise <= peak:
            self._peak = peak
            return 0.0
        self._peak = surprise
        return 1.0 - exp(-surprise / 4.0)

    def _shift(self, away: float, band: float, seasonal: bool) -> str:
        """Notice that the level has moved for good, and move the season with it."""
        if abs(away) <= band:
            self._beyond, self._drift = 0, 0.0
            return ""
        if self._drift * away < 0.0:
            self._beyond, self._drift = 0, 0.0
        self._beyond += 1
        self._drift += (away - self._drift) / self._beyond
        if self._beyond < _SHIFTED:
            return ""
        by = self._drift
        if seasonal:
            self._season.move(by)
        self._beyond, self._drift, self._relearn = 0, 0.0, _RELEARN
        return f"the level has shifted by {by:.4g}: re-learning"

    def _episode(self, alarming: bool, when: float, within: bool) -> None:
        if alarming and self._onset < 0.0:
            self._onset = when
        self._inside = self._inside + 1 if within else 0
        if self._inside >= _SETTLED or self._relearn:
            self._onset = -1.0

    def _ignored(self, at: datetime, value: float, why: str) -> Anomaly:
        level = self._slow + self._origin
        onset = datetime.fromtimestamp(self._onset, UTC) if self._onset >= 0.0 else None
        return Anomaly(at, value, 0.0, level, level, level, "ignored", False, onset, False, why)

    def to_state(self) -> bytes:
        """The whole memory, below 4096 bytes: what `from_state` makes of it judges the future the same."""
        return pack(_FORMAT, self._numbers(), self._season, self._rare)

    def _numbers(self) -> tuple[float, ...]:
        floats = (self._began, self._last, self._raw, self._origin, self._slow, self._quick, self._spread)
        more = (self._away, self._step, self._peak, self._onset, self._drift, 0.0)
        return (
            self._counter, *floats, *more,
            self._points, self._inside, self._beyond, self._relearn, self._skipped,
        )  # fmt: skip

    @classmethod
    def from_state(cls, state: bytes, alarm_at: float = STANDARD) -> Self:
        """The series that `to_state` wrote; StateUnreadable when these bytes are none."""
        numbers, season, rare = unpack(state, _FORMAT, 3)
        series = cls(alarm_at, counter=bool(numbers[0]))
        series._season, series._rare = season, (rare[0], rare[1], rare[2])
        (series._began, series._last, series._raw, series._origin, series._slow, series._quick, series._spread) = (
            numbers[1:8]
        )
        series._away, series._step, series._peak, series._onset, series._drift, _ = numbers[8:14]
        counts = [int(number) for number in numbers[14:]]
        series._points, series._inside, series._beyond, series._relearn, series._skipped = counts
        if series._spread < 0.0:
            raise StateUnreadable("a spread below 0")
        return series
