"""What CloudWatch measured of a Lambda function, as probes ask for it."""

from datetime import datetime
from typing import Any

from edsr.aws.arns import resource_of
from edsr.aws.faults import named
from edsr.declare import Permission
from edsr.ports import Clients

FIGURES = Permission(
    actions=("cloudwatch:GetMetricData",), on="*", reason="CloudWatch lets nobody limit who reads to some metrics"
)


def figures(
    clients: Clients, function: str, wanted: dict[str, str], start: datetime, end: datetime
) -> dict[str, float | None]:
    """One figure for each metric of a function or an alias, over the whole span: `{metric: statistic}` says which.

    None is what was not measured. The span has to be whole minutes long.
    """
    name = resource_of(function, "lambda", "function:")
    dimensions = [{"Name": "FunctionName", "Value": name.partition(":")[0]}]
    dimensions += [{"Name": "Resource", "Value": name}] if ":" in name else []
    queries = [
        _query(f"m{at}", metric, statistic, dimensions, int((end - start).total_seconds()))
        for at, (metric, statistic) in enumerate(wanted.items())
    ]
    with named(f"reading the figures of {name}"):
        answer = clients("cloudwatch").get_metric_data(MetricDataQueries=queries, StartTime=start, EndTime=end)
    values = {said["Id"]: said["Values"] for said in answer["MetricDataResults"]}
    found = {metric: values.get(f"m{at}", []) for at, metric in enumerate(wanted)}
    return {metric: _over(wanted[metric], measured) for metric, measured in found.items()}


def _over(statistic: str, measured: list[float]) -> float | None:
    """A span may lie across two of CloudWatch's periods; of percentiles the worse one counts."""
    if not measured:
        return None
    return sum(measured) if statistic == "Sum" else max(measured)


def _query(name: str, metric: str, statistic: str, dimensions: list[dict[str, str]], seconds: int) -> dict[str, Any]:
    measured = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": measured, "Period": seconds, "Stat": statistic}, "ReturnData": True}
