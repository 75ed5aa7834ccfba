"""The second witness: faults injected into real services; how late an alarm is, and how many are false."""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from edsr.anomaly import Series

_DAY = timedelta(days=1)
_LASTS = timedelta(minutes=8)
"""Nezha injects a fault every eight minutes or so."""
_NAMES = 4
"""Rows above the numbers in petshop's tables: service, metric, statistic, and the name of the time."""
Rows = list[tuple[datetime, float]]


def run(place: Path) -> dict[str, Any]:
    """Figures of both applications, with the shipped threshold and constants."""
    return {"petshop": petshop(place / "petshop"), "Nezha": nezha(place / "nezha_onlineboutique")}


def petshop(place: Path) -> dict[str, Any]:
    """Two quiet days teach each series; an incident's 25 minutes follow, moved by whole days to the same time of day.

    Only the application under low traffic has quiet days: the other incidents are too short to teach anything.
    """
    quiet = _table(place / "low_traffic" / "noissue" / "metrics.csv.gz")
    long = {name: rows for name, rows in quiet.items() if len(rows) >= 500}
    false = sum(len(_alarms(Series(), rows)) for rows in long.values())
    issues = sorted((place / "low_traffic" / "train").iterdir())
    late = [minutes for issue in issues if (minutes := _late(issue, quiet)) is not None]
    return {
        "incidents with a history": len(issues),
        "noticed": len(late),
        "minutes late, median": median(late) if late else None,
        "false alarms a series-day": round(false / sum(_days(rows) for rows in long.values()), 2),
    }


def _late(issue: Path, quiet: dict[tuple[str, ...], Rows]) -> float | None:
    target = json.loads((issue / "target.json").read_text())["target"]
    name = (target["node"], target["metric"], target["agg"])
    before, rows = quiet[name], _table(issue / "metrics.csv.gz")[name]
    move = _DAY * (1 + (before[-1][0] - rows[0][0]) // _DAY)
    series = Series()
    _alarms(series, before)
    alarms = _alarms(series, [(at + move, value) for at, value in rows])
    noticed = datetime.fromtimestamp(target["timestamp"], UTC) + move
    return (alarms[0] - noticed).total_seconds() / 60 if alarms else None


def nezha(place: Path) -> dict[str, Any]:
    """Every metric of every pod; a fault is noticed when a series of its pod alarms before the next is injected."""
    (day,) = place.iterdir()
    listed = json.loads(next(day.glob("*fault_list.json")).read_text())
    faults = [
        (datetime.fromtimestamp(int(fault["inject_timestamp"]), UTC), fault["inject_pod"])
        for hour in listed.values()
        for fault in hour
    ]
    alarms: dict[str, list[datetime]] = {}
    days, began = 0.0, None
    for file in sorted(day.glob("*_metric.csv.gz")):
        pod = file.name.removesuffix("_metric.csv.gz")
        for rows in _columns(file):
            alarms.setdefault(pod, []).extend(_alarms(Series(), rows))
            days, began = days + _days(rows), rows[50][0]
    judged = [fault for fault in faults if began and fault[0] > began]
    late = [
        min(found)
        for at, pod in judged
        if (found := [(alarm - at).total_seconds() / 60 for alarm in alarms[pod] if at <= alarm <= at + _LASTS])
    ]
    false = sum(not any(at <= alarm <= at + _LASTS for at, _ in faults) for of in alarms.values() for alarm in of)
    return {
        "faults": len(faults),
        "after warm-up": len(judged),
        "noticed": len(late),
        "minutes late, median": round(median(late), 1) if late else None,
        "false alarms a series-day": round(false / days, 2),
    }


def _alarms(series: Series, rows: Rows) -> list[datetime]:
    return [at for at, value in rows if series.observe(at, value).alarming]


def _days(rows: Rows) -> float:
    return (rows[-1][0] - rows[0][0]) / _DAY


def _table(file: Path) -> dict[tuple[str, ...], Rows]:
    with gzip.open(file, "rt") as text:
        lines = list(csv.reader(text))
    found: dict[tuple[str, ...], Rows] = {}
    for column, name in enumerate(zip(*lines[: _NAMES - 1], strict=True)):
        cells = [(line[0], line[column]) for line in lines[_NAMES:] if line[column]] if column else []
        found[name] = [(datetime.fromtimestamp(float(at), UTC), float(value)) for at, value in cells]
    return found


def _columns(file: Path) -> list[Rows]:
    """The pod's own numbers, from its processor to its success rate; what is constant all day is left out."""
    with gzip.open(file, "rt") as text:
        lines = list(csv.reader(text))
    columns = [name for name in range(3, len(lines[0])) if not lines[0][name].startswith("Node")]
    found = [
        [(datetime.fromtimestamp(int(line[1]), UTC), float(line[column])) for line in lines[1:] if line[column]]
        for column in columns
    ]
    return [rows for rows in found if len({value for _, value in rows}) > 1]
