"""NAB's published scoring: an early detection in a window earns, a false alarm and a missed window cost."""

from collections.abc import Sequence
from itertools import groupby
from math import exp
from typing import NamedTuple


class Profile(NamedTuple):
    """What a window caught earns, a false alarm costs and a window missed costs."""

    caught: float
    false: float
    missed: float


PROFILES = {"standard": Profile(1, 0.11, 1), "low-FP": Profile(1, 0.22, 1), "low-FN": Profile(1, 0.11, 2)}
OUTSIDE = -1


class Point(NamedTuple):
    """One scored point: what an alarm there is worth, and the window it lies in, or OUTSIDE."""

    score: float
    worth: float
    window: int


class Scored(NamedTuple):
    """A series after probation, and how many windows it has (those within probation cannot be caught)."""

    points: list[Point]
    windows: int


def probation(points: int) -> int:
    """The points at the beginning that nothing is counted for: 15 %, of 5000 at most."""
    return int(0.15 * min(points, 5000))


def worths(points: int, windows: Sequence[tuple[int, int]]) -> list[tuple[float, int]]:
    """What an alarm at each point is worth: up to 1 early in a window, down to -1 far behind the last one."""
    found: list[tuple[float, int]] = []
    at = 0
    for point in range(points):
        while at < len(windows) and point > windows[at][1]:
            at += 1
        if at < len(windows) and windows[at][0] <= point:
            first, last = windows[at]
            found.append((_sigmoid(-(last - point + 1) / (last - first + 1)) / _sigmoid(-1.0), at))
        elif at == 0:
            found.append((-1.0, OUTSIDE))
        else:
            first, last = windows[at - 1]
            found.append((_sigmoid((point - last) / (last - first)), OUTSIDE))
    return found


def scored(scores: Sequence[float], windows: Sequence[tuple[int, int]]) -> Scored:
    """The points of a series that count."""
    both = zip(scores, worths(len(scores), windows), strict=True)
    counted = list(both)[probation(len(scores)) :]
    return Scored([Point(round(score, 12), worth, window) for score, (worth, window) in counted], len(windows))


def best(series: Sequence[Scored], profile: Profile) -> tuple[float, float]:
    """The score 0 (as the detector that says nothing) to 100, and the one threshold that gives it."""
    curve = _curve(series, profile)
    return max(curve, key=lambda step: step[0])


def at_threshold(series: Sequence[Scored], profile: Profile, threshold: float) -> float:
    """The score that a given threshold gets."""
    return [score for score, step in _curve(series, profile) if step >= threshold][-1]


def _curve(series: Sequence[Scored], profile: Profile) -> list[tuple[float, float]]:
    """(score, threshold) for every threshold that makes a difference, the highest first."""
    points = [(number, point) for number, one in enumerate(series) for point in one.points]
    points.sort(key=lambda pair: -pair[1].score)
    windows = sum(one.windows for one in series)
    none, perfect = -profile.missed * windows, profile.caught * windows
    total, caught = none, dict[tuple[int, int], float]()
    curve = [(0.0, 1.1)]
    for threshold, group in groupby(points, key=lambda pair: pair[1].score):
        for number, point in group:
            if point.window == OUTSIDE:
                total += point.worth * profile.false
                continue
            had = caught.get((number, point.window), -profile.missed)
            now = max(had, point.worth * profile.caught)
            total, caught[number, point.window] = total + now - had, now
        curve.append((100 * (total - none) / (perfect - none) if windows else 0.0, threshold))
    return curve


def _sigmoid(y: float) -> float:
    return -1.0 if y > 3 else 2 / (1 + exp(5 * y)) - 1
