"""One series of numbers: each point is judged by those before it, then learned from."""

from datetime import UTC, datetime
from typing import Self

from edsr.anomaly.level import Level
from edsr.anomaly.numbers import Numbers
from edsr.anomaly.rarity import Rarity
from edsr.anomaly.reading import Anomaly, Standing, span_text
from edsr.anomaly.season import SLOTS, Season
from edsr.anomaly.state import RARITIES, pack, unpack
from edsr.anomaly.surprise import Surprise

FEWER_MISSED, STANDARD, FEWER_FALSE = 0.86, 0.878, 0.92
"""Scores from which a point alarms: docs/anomaly.md says what each was measured to give."""

_DAY = 86_400.0
_SLOT = _DAY / SLOTS
_LARGEST = 1e30
_WARM_UP = 50
_SETTLED = 3
_GAP = 10.0
"""A gap is this many usual steps without a point."""


class Series:
    """The memory of one series; `alarm_at` is the score from which a point alarms.

    A counter (`counter=True`: a total that only grows, and begins again at 0) is judged by its growth a second.
    """

    def __init__(self, alarm_at: float = STANDARD, *, counter: bool = False, state: bytes | None = None) -> None:
        fresh = (Numbers(counter=counter), Season(), tuple(Rarity() for _ in range(RARITIES)))
        self.alarm_at = alarm_at
        self._numbers, self._season, self._rare = fresh if state is None else unpack(state)
        self._surprise = Surprise(self._numbers, self._rare)
        self._level = Level(self._numbers, self._season)

    def observe(self, at: datetime, value: float) -> Anomaly:
        """Judge a point, then learn from it.

        `at` is an aware time (ValueError otherwise). A point that is not newer than the last, and a value that is not
        a number within 1e30, change nothing and come back `ignored`.
        """
        if at.tzinfo is None:
            raise ValueError("a time needs its offset, such as Z or +00:00")
        when = at.timestamp()
        now = self._numbers
        if now.stamps and when <= now.last:
            return self._ignored(at, value, "ignored: not newer than the point before it")
        if not -_LARGEST <= value <= _LARGEST:
            return self._ignored(at, value, "ignored: not a number within 1e30")
        note = ""
        if now.stamps:
            gap = when - now.last
            if now.step and gap > _GAP * now.step:
                note = f"after a gap of {span_text(gap)}"
                self._surprise.forget_the_recent()
            now.step += 0.1 * (min(gap, 2.0 * now.step) - now.step) if now.step else gap
        if now.counter:
            return self._counted(at, when, value, note)
        return self._judged(at, when, value, note)

    def _counted(self, at: datetime, when: float, total: float, note: str) -> Anomaly:
        """A counter's growth since the last point; a total below the last one began again at 0."""
        now = self._numbers
        first, again, gap = not now.stamps, total < now.total, when - now.last
        grown = total if again else total - now.total
        now.total = total
        if first or grown / gap > _LARGEST or grown < 0.0:
            now.stamps, now.last = now.stamps + 1, when
            return self._unjudged(at, total, "learning", "a count to begin from")
        return self._judged(at, when, grown / gap, "the counter began again" if again else note)

    def _judged(self, at: datetime, when: float, value: float, note: str) -> Anomaly:
        now, slot = self._numbers, int(when % _DAY / _SLOT)
        if not now.points:
            now.began, now.origin = when, value
        now.points, now.stamps, now.last = now.points + 1, now.stamps + 1, when
        x = value - now.origin
        usual = self._season.expected(slot) if when - now.began >= _DAY else None
        seasonal = usual is not None
        expected = now.slow if usual is None else usual
        band = self._level.band(slot, seasonal)
        away = x - expected
        self._season.learn(slot, x)
        score = self._surprise.score(x, abs(away), seasonal)
        standing: Standing = "judged"
        if now.points <= _WARM_UP:
            standing, score, note = "learning", 0.0, note or f"learning: {now.points} of {_WARM_UP} points"
        elif shift := self._level.shift(away, band, seasonal):
            standing, score, note = "relearning", 0.0, shift
        alarming = score >= self.alarm_at
        onset = self._episode(alarming, when, abs(away) <= band or standing == "relearning")
        expected += now.origin
        low, high = expected - band, expected + band
        return Anomaly(at, value, score, expected, low, high, standing, alarming, onset, seasonal, note)

    def _episode(self, alarming: bool, when: float, within: bool) -> datetime | None:
        """The onset of the alarm that is open: it ends at the third point in a row within the band, or by a shift."""
        now = self._numbers
        now.inside = now.inside + 1 if within else 0
        if alarming and not now.open:
            now.open, now.onset = True, when
        elif now.open and now.inside >= _SETTLED:
            now.open = False
        return self._onset()

    def _onset(self) -> datetime | None:
        return datetime.fromtimestamp(self._numbers.onset, UTC) if self._numbers.open else None

    def _ignored(self, at: datetime, value: float, why: str) -> Anomaly:
        return self._unjudged(at, value, "ignored", why)

    def _unjudged(self, at: datetime, value: float, standing: Standing, why: str) -> Anomaly:
        level = self._numbers.slow + self._numbers.origin
        return Anomaly(at, value, 0.0, level, level, level, standing, False, self._onset(), False, why)

    def to_state(self) -> bytes:
        """The whole memory, below 4096 bytes: what `from_state` makes of it judges the future the same."""
        return pack(self._numbers, self._season, self._rare)

    @classmethod
    def from_state(cls, state: bytes, alarm_at: float = STANDARD) -> Self:
        """The series that `to_state` wrote, counter or not; StateUnreadable when these bytes are none."""
        return cls(alarm_at, state=state)
