"""What one point of a series is judged to be, and the sentence that explains it."""

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

Standing = Literal["learning", "relearning", "judged", "ignored"]


class Anomaly(NamedTuple):
    """One point, judged by what came before it.

    `score` is 0 (nothing new) to 1: how surprising the point is beyond what this series told lately, so that one event
    scores high once. `low` to `high` is the usual band around `expected`, in the unit of the value (of a counter: its
    rate a second). `onset` is the time of the alarm that is still open, if one is: the identity of the episode.
    """

    at: datetime
    value: float
    score: float
    expected: float
    low: float
    high: float
    standing: Standing
    alarming: bool
    onset: datetime | None
    seasonal: bool
    note: str

    @property
    def learning(self) -> bool:
        """Whether the series is warming up, for the first time or after a level shift: it never alarms then."""
        return self.standing in ("learning", "relearning")

    @property
    def ignored(self) -> bool:
        """Whether the point was left out: not a number, or not newer than the last."""
        return self.standing == "ignored"

    @property
    def outside(self) -> bool:
        """Whether the value lies outside the usual band."""
        return not self.ignored and not self.low <= self.value <= self.high

    @property
    def reason(self) -> str:
        """One sentence for a person: `42 % above the usual Monday 09:00 band of 80 to 120 (expected 100)`."""
        if self.ignored:
            return self.note
        said = [self._position(), *([self.note] if self.note else [])]
        return "; ".join(said)

    def _position(self) -> str:
        where = f"{self._band()} of {_number(self.low)} to {_number(self.high)} (expected {_number(self.expected)})"
        if not self.outside:
            return f"within {where}"
        edge, side = (self.high, "above") if self.value > self.high else (self.low, "below")
        far = abs(self.value - edge)
        share = f"{100 * far / abs(edge):.0f} %" if abs(edge) > far / 100 else _number(far)
        return f"{share} {side} {where}"

    def _band(self) -> str:
        return f"the usual {self.at:%A %H:%M} band" if self.seasonal else "the recent band"


def span_text(seconds: float) -> str:
    """`3:20:00`: a span of time for a person, whole seconds."""
    return str(timedelta(seconds=round(seconds)))


def _number(value: float) -> str:
    return f"{value:.4g}"
