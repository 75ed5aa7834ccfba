"""Digests: each week and each month the measures are told to those who want to know, with their targets."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from edsr.aws.faults import named
from edsr.declare import Function, Permission
from edsr.errors import Malformed
from edsr.indicators.queries import DIMENSIONS, Query, queries
from edsr.indicators.table import INDICATORS, Indicator
from edsr.indicators.totals import Figure, target, text
from edsr.metrics import NAMESPACE
from edsr.ports import Client
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Digest
from edsr.times import epoch, iso, parse_epoch

DAY = 86_400
LONGEST = 31
SUBJECT = "EDSR: the last {days} days, {missed} of {aimed} targets missed"


def run(event: Event, runtime: Runtime[Digest]) -> dict[str, Any]:
    """`{days}`: tell the measures of so many whole days before today. Raises Malformed, or Transient and Denied."""
    days = event.get("days")
    if not isinstance(days, int) or not 0 < days <= LONGEST:
        raise Malformed(f"a digest is of 1 to {LONGEST} days, not of {days!r}")
    until = epoch(runtime.clock()) // DAY * DAY
    since = parse_epoch(until - days * DAY)
    figures = measured(runtime.clients("cloudwatch"), since, days)
    missed, aimed = sum(one.met is False for one in figures), sum(one.met is not None for one in figures)
    with named("telling the digest"):
        runtime.clients("sns").publish(
            TopicArn=runtime.settings.digest_topic,
            Subject=SUBJECT.format(days=days, missed=missed, aimed=aimed),
            Message=message(figures, since, parse_epoch(until)),
        )
    return {"days": days, "missed": missed, "of": aimed}


def measured(client: Client, since: datetime, days: int) -> list[Figure]:
    """Every measure over some days, as CloudWatch has it."""
    wanted = [query for indicator in INDICATORS for query in queries(indicator)]
    with named("reading the measures"):
        pages = client.get_paginator("get_metric_data").paginate(
            MetricDataQueries=[_asked(query, days * DAY) for query in wanted],
            StartTime=since,
            EndTime=since + timedelta(days=days),
        )
        values = {one["Id"]: one["Values"][0] for page in pages for one in page["MetricDataResults"] if one["Values"]}
    return [_figure(indicator, values.get(indicator.id.lower())) for indicator in INDICATORS]


def message(figures: Iterable[Figure], since: datetime, until: datetime) -> str:
    """The digest in plain text: what is missed comes first."""
    lines = sorted(figures, key=lambda one: one.met is not False)
    return "\n".join(
        [
            f"The measures from {iso(since)} to {iso(until)}",
            "",
            *(
                f"{'MISSED ' if one.met is False else ''}{one.indicator.id} {one.indicator.title}: "
                f"{text(one)} (target: {target(one)})"
                for one in lines
            ),
            "",
            "By policy and service, and as a page: edsr report. False positives are what operators label.",
        ]
    )


def _asked(query: Query, period: int) -> dict[str, Any]:
    said: dict[str, Any] = {"Id": query.id, "ReturnData": query.shown}
    if query.expression:
        return {**said, "Expression": query.expression, "Period": period}
    dimensions = [{"Name": name, "Value": value} for name, value in DIMENSIONS.items()]
    metric = {"Namespace": NAMESPACE, "MetricName": query.metric, "Dimensions": dimensions}
    return {**said, "MetricStat": {"Metric": metric, "Period": period, "Stat": query.stat}}


def _figure(indicator: Indicator, value: float | None) -> Figure:
    """What was never counted did not happen."""
    return Figure(indicator, 0 if value is None and indicator.statistic == "count" else value, 0)


handler = Handler(
    run,
    Function(
        settings=Digest,
        permissions=(
            Permission(
                actions=("cloudwatch:GetMetricData",),
                on="*",
                reason="GetMetricData cannot be limited to metrics; it reads figures and changes nothing",
            ),
            Permission(actions=("sns:Publish",), on="digest-topic"),
        ),
        timeout=60,
    ),
)
