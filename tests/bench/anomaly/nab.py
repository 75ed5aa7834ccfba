"""The Numenta Anomaly Benchmark on the series given: three profiles, split-half transfer, and a simple peer."""

import csv
import gzip
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import mean, stdev
from time import perf_counter
from typing import Any, NamedTuple

from edsr.anomaly import STANDARD, Series
from tests.bench.anomaly.peer import Simple
from tests.bench.anomaly.scoring import PROFILES, Scored, at_threshold, best, scored

Judge = Callable[[datetime, float], float]


class Labelled(NamedTuple):
    """The rows of a series, and its anomaly windows as first and last row."""

    rows: list[tuple[datetime, float]]
    windows: list[tuple[int, int]]


def ours() -> Judge:
    """A new series of ours, as a judge of points."""
    series = Series()
    return lambda at, value: series.observe(at, value).score


def run(place: Path) -> dict[str, Any]:
    """The scores of both, the transfer of both, and the time a point takes."""
    labelled = load(place)
    (mine, my_time), (theirs, their_time) = judged(labelled, ours), judged(labelled, Simple)
    shipped = {name: round(at_threshold(mine, profile, STANDARD), 1) for name, profile in PROFILES.items()}
    return {
        "series": len(labelled),
        "NAB": scores(mine),
        "NAB at the shipped threshold": shipped,
        "NAB, simple peer": scores(theirs),
        "split half, standard": transfer(mine),
        "split half, simple peer": transfer(theirs),
        "us a point": round(my_time, 1),
        "time / simple peer": round(my_time / their_time, 2),
        "the reference scorer agrees": agrees(place, labelled, scores(mine)),
    }


def load(place: Path) -> list[Labelled]:
    """Every labelled series."""
    found = []
    for name, spans in sorted(json.loads((place / "labels" / "combined_windows.json").read_text()).items()):
        with gzip.open(place / "data" / f"{name}.gz", "rt") as file:
            rows = [(_time(row["timestamp"]), float(row["value"])) for row in csv.DictReader(file)]
        windows = []
        for first, last in spans:
            inside = [n for n, (at, _) in enumerate(rows) if _time(first) <= at <= _time(last)]
            windows.append((inside[0], inside[-1]))
        found.append(Labelled(rows, windows))
    return found


def judged(labelled: list[Labelled], judge: Callable[[], Judge]) -> tuple[list[Scored], float]:
    """Each series through a new judge, in order; microseconds a point."""
    found, taken, points = [], 0.0, 0
    for rows, windows in labelled:
        one = judge()
        began = perf_counter()
        scores = [one(at, value) for at, value in rows]
        taken, points = taken + perf_counter() - began, points + len(rows)
        found.append(scored(scores, windows))
    return found, taken / points * 1e6


def scores(series: list[Scored]) -> dict[str, float]:
    """Each profile at its best single threshold, as published."""
    return {name: round(best(series, profile)[0], 1) for name, profile in PROFILES.items()}


def transfer(series: list[Scored]) -> str:
    """The threshold of one random half, scored on the other: mean and deviation of forty."""
    got, profile = [], PROFILES["standard"]
    for seed in range(20):
        order = series[:]
        random.Random(seed).shuffle(order)  # noqa: S311 - nothing secret
        halves = order[: len(order) // 2], order[len(order) // 2 :]
        for fitted, other in (halves, halves[::-1]):
            got.append(at_threshold(other, profile, best(fitted, profile)[1]))
    return f"{mean(got):.1f} +- {stdev(got):.1f}"


def agrees(place: Path, labelled: list[Labelled], mine: dict[str, float]) -> str:
    """Whether the reference scorer, where it is at hand, gives the same scores."""
    tool = place.parents[2] / "tools" / "nab_score.py"
    spec = spec_from_file_location("nab_score", tool)
    if not tool.exists() or spec is None or spec.loader is None:
        return "not at hand"
    reference = module_from_spec(spec)
    spec.loader.exec_module(reference)
    series = []
    for rows, windows in labelled:
        one = ours()
        gains = reference.gains(len(rows), windows, int(0.15 * min(len(rows), 5000)))
        series.append(([one(at, value) for at, value in rows], gains, windows))
    names = {"standard": "standard", "low-FP": "low_FP", "low-FN": "low_FN"}
    theirs = {name: round(reference.profile_scores(series, other)[0], 1) for name, other in names.items()}
    return "yes" if theirs == mine else f"no: {theirs}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
