"""The peer: a plain online detector, three residuals by empirical tail rank, quiet for 200 points after a peak."""

from bisect import bisect_left, insort
from collections import deque
from datetime import datetime
from itertools import pairwise
from math import exp, log10, sqrt
from statistics import median

_DAYS, _QUIET, _KEPT = 7, 200, 5000


class _Tail:
    def __init__(self) -> None:
        self.order: deque[float] = deque()
        self.ranked: list[float] = []

    def rank(self, size: float) -> float:
        ranked, seen, rank = self.ranked, len(self.ranked), 0.0
        if seen > 20:
            above = seen - bisect_left(ranked, size)
            rank = -log10((above + 0.5) / (seen + 1))
            if not above:
                rank += min(3, log10(1 + (size - ranked[-1]) / (ranked[-1] - ranked[seen // 2] + 1e-9)))
        self.order.append(size)
        insort(ranked, size)
        if len(ranked) > _KEPT:
            ranked.pop(bisect_left(ranked, self.order.popleft()))
        return rank


class Simple:
    """Its period is a day's worth of points, by the first ten times."""

    def __init__(self) -> None:
        self.first: list[tuple[datetime, float]] = []
        self.period = 0
        self.history: deque[float] = deque()
        self.tails = (_Tail(), _Tail(), _Tail())
        self.peaks: deque[tuple[int, float]] = deque()
        self.seen = -1
        self.smooth: float | None = None
        self.slow = self.quick = self.spread = 0.0

    def __call__(self, at: datetime, value: float) -> float:
        if self.period:
            return self._score(value)
        self.first.append((at, value))
        if len(self.first) < 10:
            return 0.0
        times = [time for time, _ in self.first]
        steps = [(b - a).total_seconds() for a, b in pairwise(times)]
        self.period = max(2, round(86_400 / median(steps)))
        self.history = deque(maxlen=self.period * _DAYS + 3)
        return [self._score(early) for _, early in self.first][-1]

    def _score(self, x: float) -> float:
        self.seen += 1
        if not self.seen:
            self.slow = self.quick = x
        residual = self._residual(x)
        self.history.append(x)
        self.smooth = residual if self.smooth is None else self.smooth + (1 - 0.5 ** (1 / 3)) * (residual - self.smooth)
        self.quick += 0.2 * (x - self.quick)
        off = x - self.slow
        moved = abs(self.quick - self.slow) / (sqrt(self.spread) + 1e-9) if self.seen > 5 else 0.0
        weight = max(0.01, 1 / (self.seen + 1))
        self.slow += weight * off
        self.spread = (1 - weight) * (self.spread + weight * off * off)
        sizes = (residual, self.smooth, moved)
        return self._news(sum(tail.rank(size) for tail, size in zip(self.tails, sizes, strict=True)))

    def _residual(self, x: float) -> float:
        near: list[float] = []
        kept = len(self.history)
        for day in range(1, _DAYS + 1):
            at = kept - day * self.period
            if self.seen - day * self.period < 2 or at < 1:
                break
            near += [self.history[at - 1], self.history[at]]
            near += [self.history[at + 1]] if at + 1 < kept else []
        return abs(x - sorted(near)[len(near) // 2]) if near else 0.0

    def _news(self, surprise: float) -> float:
        while self.peaks and self.peaks[0][0] < self.seen - _QUIET:
            self.peaks.popleft()
        news = surprise if not self.peaks or surprise > self.peaks[0][1] else 0.0
        while self.peaks and self.peaks[-1][1] <= surprise:
            self.peaks.pop()
        self.peaks.append((self.seen, surprise))
        return 1 - exp(-news / 4)
