"""canary-is-no-worse: a canary fails no more often than a baseline that served at the same time."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from edsr.aws.budgets import query
from edsr.aws.faults import named
from edsr.declare import Permission, Probe
from edsr.model import Judged
from edsr.policy.objectives import Metric
from edsr.ports import Clients
from edsr.shares import Counted, excess
from edsr.times import epoch, parse_epoch
from verify.seen import Seen

MINUTE = 60
LATE = timedelta(minutes=2)
"""After so long CloudWatch has what was measured in a minute."""


class Side(BaseModel):
    """What one side served."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    total: Metric = Field(title="Total", description="All that it served, such as requests.")
    bad: Metric = Field(title="Bad", description="Those that failed.")


class Arguments(BaseModel):
    """Who is compared with whom, for how long, and what counts as no worse."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    canary: Side = Field(title="Canary", description="What is new.")
    baseline: Side = Field(title="Baseline", description="What it is measured by, serving beside it.")
    minutes: int = Field(default=5, ge=1, le=60, title="Minutes", description="How many minutes are compared.")
    least: int = Field(
        default=500, ge=50, title="Least", description="Each side has to have served so many: fewer say nothing."
    )
    largest: int = Field(
        default=30, ge=1, le=50, title="Largest", description="Of all that was served the canary has at most so many %."
    )
    margin: int = Field(
        default=5, ge=1, le=100, title="Margin", description="It may fail so many times more often in a thousand."
    )


PROBE = Probe(
    id="canary-is-no-worse",
    title="A canary fails no more often than a baseline that served at the same time",
    arguments=Arguments,
    permissions=(
        Permission(
            actions=("cloudwatch:GetMetricData",),
            on="*",
            reason="CloudWatch lets nobody limit who reads metrics to those of some namespaces",
        ),
    ),
)


def look(clients: Clients, args: dict[str, Any], *, since: datetime, now: datetime) -> Seen:
    """Compare the two over the whole minutes after the step in which both served; that window is looked at once, when
    it is over, so that to look often is not to find by chance.

    Better when the canary is surely within the margin, worse when it surely fails more often than the baseline and may
    be beyond it. Unknown when nobody can tell, when one of them served too little, and when the canary served so much
    that it is none.
    """
    how = Arguments.model_validate(args)
    begin = -(-epoch(since) // MINUTE) * MINUTE
    end = begin + how.minutes * MINUTE
    if now < parse_epoch(end) + LATE:
        return Seen(Judged.PENDING, f"its {how.minutes} minutes are not over, or not measured yet")
    counted = _counted(clients, how, parse_epoch(begin), parse_epoch(end))
    if counted is None:
        return Seen(Judged.PENDING, "CloudWatch answered in part")
    canary, baseline = counted
    said = f"{canary.bad} of {canary.total} failed, beside {baseline.bad} of {baseline.total}"
    if refused := _refused(canary, baseline, how):
        return Seen(Judged.UNKNOWN, f"{said}: {refused}")
    low, high = excess(canary, baseline)
    said = f"{said}: between {1000 * low:+.1f} and {1000 * high:+.1f} in a thousand more"
    if 1000 * high <= how.margin:
        return Seen(Judged.BETTER, said)
    return Seen(Judged.WORSE if low > 0 else Judged.UNKNOWN, said)


def _refused(canary: Counted, baseline: Counted, how: Arguments) -> str:
    """Why the two cannot be compared; nothing when they can."""
    if min(canary.total, baseline.total) < how.least:
        return f"each has to have served {how.least}"
    if 100 * canary.total > how.largest * (canary.total + baseline.total):
        return f"a canary serves at most {how.largest} % of all"
    if canary.bad > canary.total or baseline.bad > baseline.total:
        return "more failed than there were, so that the metrics do not belong together"
    return ""


def _counted(clients: Clients, how: Arguments, begin: datetime, end: datetime) -> tuple[Counted, Counted] | None:
    """What both sides served in the minutes in which both did; None where a part of the answer is missing."""
    asked = {
        f"{name}_{part}": getattr(side, part)
        for name, side in (("canary", how.canary), ("baseline", how.baseline))
        for part in ("total", "bad")
    }
    with named("comparing a canary with its baseline"):
        answer = clients("cloudwatch").get_metric_data(
            MetricDataQueries=[query(name, metric, MINUTE) for name, metric in asked.items()],
            StartTime=begin,
            EndTime=end,
        )
    found = {result["Id"]: result for result in answer["MetricDataResults"]}
    whole = all(found.get(name, {}).get("StatusCode") == "Complete" for name in asked)
    if answer.get("NextToken") or not whole:
        return None
    series = {name: dict(zip(map(epoch, one["Timestamps"]), one["Values"], strict=True)) for name, one in found.items()}
    both = set(series["canary_total"]) & set(series["baseline_total"])
    counts = {name: round(sum(value for at, value in points.items() if at in both)) for name, points in series.items()}
    return (
        Counted(counts["canary_total"], counts["canary_bad"]),
        Counted(counts["baseline_total"], counts["baseline_bad"]),
    )
