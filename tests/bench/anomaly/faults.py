"""The second witness: faults injected into real services; how late an alarm is, and how many are false."""

import csv
import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median
from typing import Any

from edsr.anomaly import Series

_DAY = timedelta(days=1)
_LASTS = timedelta(minutes=8)
"""Nezha injects a fault every eight minutes or so."""
_PERIOD, _WINDOW = timedelta(minutes=5), timedelta(minutes=25)
"""What a number of petshop's is of, and how long it shows an incident."""

_NAMES = 4
"""Rows above the numbers in petshop's tables: service, metric, statistic, and the name of the time."""
Rows = list[tuple[datetime, float]]


def run(place: Path) -> dict[str, Any]:
    """Figures of both applications, with the shipped threshold and constants."""
    return {"petshop": petshop(place / "petshop"), "Nezha": nezha(place / "nezha_onlineboutique")}


def petshop(place: Path) -> dict[str, Any]:
    """Two quiet days teach each series; an incident's 25 minutes follow, moved by whole days to the same time of day.

    Only the application under low traffic has quiet days: the other incidents are too short to teach anything. An
    incident is looked for twice: in the one series of the front service that it was told by, and, as in Nezha, in the
    series of the service that is at fault. Minutes count to the end of the alarm's five minutes, for until then nobody
    has its number.
    """
    quiet = _table(place / "low_traffic" / "noissue" / "metrics.csv.gz")
    long = {name: rows for name, rows in quiet.items() if len(rows) >= 500}
    false = {name: len(_alarms(Series(), rows)) for name, rows in long.items()}
    issues = sorted((place / "low_traffic" / "train").iterdir())
    said = [json.loads((issue / "target.json").read_text()) for issue in issues]
    looked = {
        "the series it was told by": [[_target(one["target"])] for one in said],
        "the service at fault": [[name for name in long if name[0] == one["root_cause"]["node"]] for one in said],
    }
    found: dict[str, Any] = {"incidents with a history": len(issues)}
    for where, names in looked.items():
        late = [_late(issue, one, quiet, of) for issue, one, of in zip(issues, said, names, strict=True)]
        noticed = [minutes for minutes in late if minutes is not None]
        chance = mean(sum(false[name] / _days(long[name]) for name in of) for of in names) * (_WINDOW / _DAY)
        found |= {
            f"noticed by {where}": len(noticed),
            f"minutes late by {where}, median": round(median(noticed), 1) if noticed else None,
            f"quiet 25 minutes with an alarm of {where}, percent": round(100 * chance, 1),
        }
    span = sum(_days(rows) for rows in long.values())
    return {**found, "false alarms a series-day": round(sum(false.values()) / span, 2)}


def _target(said: dict[str, Any]) -> tuple[str, ...]:
    return said["node"], said["metric"], said["agg"]


def _late(
    issue: Path, said: dict[str, Any], quiet: dict[tuple[str, ...], Rows], names: list[tuple[str, ...]]
) -> float | None:
    """Minutes until the first of these series alarms; None when none does."""
    during = _table(issue / "metrics.csv.gz")
    began, late = datetime.fromtimestamp(said["target"]["timestamp"], UTC), []
    for name in names:
        if not (rows := during.get(name)):
            continue
        before, series = quiet[name], Series()
        move = _DAY * (1 + (before[-1][0] - rows[0][0]) // _DAY)
        _alarms(series, before)
        told = [at - move + _PERIOD for at in _alarms(series, [(at + move, value) for at, value in rows])]
        late += [(at - began).total_seconds() / 60 for at in told if at > began]
    return min(late, default=None)


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
