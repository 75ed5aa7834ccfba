"""How objectives stand, measured by CloudWatch: one call for each, remembered for a minute."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from weakref import WeakKeyDictionary

from edsr.aws.faults import named
from edsr.budget import FAST, LONGEST, SUSTAINED, Budget, Burn, Counted, Pair, budget_left, burn_rate
from edsr.errors import EdsrError
from edsr.policy.objectives import Metric, Objective
from edsr.ports import Client
from edsr.times import epoch, parse_epoch

REMEMBERED = 60
UNKNOWN_REMEMBERED = 10
"""Seconds for which an answer holds; one that could not be had is asked for again sooner, though not at once."""

MINUTE, FIVE_MINUTES = 60, 300
"""Periods in seconds. CloudWatch keeps minutes for 15 days and five minutes for 63: the whole window is asked for in
the greater ones, in which the windows' beginnings are off by up to five minutes."""

POINTS = 100_800
"""CloudWatch gives so many in one answer; 60 days of two metrics in five minutes are 34,560."""

Known = dict[tuple[str, bool], tuple[int, Budget]]
_REMEMBERED: "WeakKeyDictionary[Client, Known]" = WeakKeyDictionary()


def measure(client: Client, objective: Objective, *, left: bool, now: datetime) -> Budget:
    """How an objective stands; `left` asks also what is left of its budget. Never raises: what cannot be read is
    unknown, and the answer says why."""
    known = _REMEMBERED.setdefault(client, {})
    key, second = (objective.digest, left), epoch(now)
    at, budget = known.get(key, (0, Budget()))
    if key in known and 0 <= second - at < (UNKNOWN_REMEMBERED if budget.rate is None else REMEMBERED):
        return budget
    known[key] = second, _asked(client, objective, left=left, now=now)
    return known[key][1]


def by_minute(client: Client, objective: Objective, *, begin: int, now: datetime) -> dict[int, Counted] | str:
    """What was counted in each whole minute since a second, by when each began; why not, when that cannot be read."""
    end = epoch(now) // MINUTE * MINUTE
    try:
        series = _measured(client, objective, begin, end, MINUTE)
    except EdsrError as exc:
        return f"{type(exc).__name__}: {exc}"[:512]
    parts = dict(series["part"])
    return {at: Counted(total, parts.get(at, Decimal(0))) for at, total in series["total"]}


def _asked(client: Client, objective: Objective, *, left: bool, now: datetime) -> Budget:
    period = FIVE_MINUTES if left else MINUTE
    end = epoch(now) // period * period
    begin = end - int((objective.window if left else LONGEST).total_seconds())
    try:
        series = _measured(client, objective, begin, end, period)
    except EdsrError as exc:
        return Budget(why=f"{type(exc).__name__}: {exc}"[:512])
    return _budget(objective, series, end, left=left)


def _measured(client: Client, objective: Objective, begin: int, end: int, period: int) -> "Series":
    with named(f"measuring {objective.id}"):
        answer = client.get_metric_data(
            MetricDataQueries=[
                query("total", objective.indicator.total, period),
                query("part", objective.indicator.part, period),
            ],
            StartTime=parse_epoch(begin),
            EndTime=parse_epoch(end),
            MaxDatapoints=POINTS,
        )
    return _series(answer)


def query(identity: str, metric: Metric, period: int) -> dict[str, Any]:
    """How CloudWatch is asked for one metric, in periods of so many seconds."""
    return {
        "Id": identity,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(metric.dimensions.items())],
            },
            "Period": period,
            "Stat": metric.statistic,
        },
    }


class _Incomplete(EdsrError):
    """CloudWatch answered, but not with all of it."""


Series = Mapping[str, Sequence[tuple[int, Decimal]]]


def _series(answer: Mapping[str, Any]) -> Series:
    """Each metric's values by the second at which their period begins. A part of an answer is none."""
    results = {result["Id"]: result for result in answer["MetricDataResults"]}
    codes = {name: result.get("StatusCode", "Complete") for name, result in results.items()}
    if answer.get("NextToken") or set(results) != {"total", "part"} or set(codes.values()) != {"Complete"}:
        raise _Incomplete(f"CloudWatch answered in part: {codes}")
    return {
        name: [
            (epoch(at), Decimal(str(value))) for at, value in zip(result["Timestamps"], result["Values"], strict=True)
        ]
        for name, result in results.items()
    }


def _budget(objective: Objective, series: Series, end: int, *, left: bool) -> Budget:
    def counted(span: timedelta) -> Counted:
        """Where all events are known, a metric that says nothing of a minute says that there were none in it."""
        since = end - int(span.total_seconds())
        total, part = (sum((v for at, v in series[name] if at >= since), Decimal(0)) for name in ("total", "part"))
        return Counted(total, part)

    def burn(pair: Pair) -> Burn:
        return Burn(burn_rate(objective, counted(pair.short)), burn_rate(objective, counted(pair.long)))

    remains = budget_left(objective, counted(objective.window)) if left else None
    return Budget(burn(FAST), burn(SUSTAINED), remains, "nothing was counted in a window")
