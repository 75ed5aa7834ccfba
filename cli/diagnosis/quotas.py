"""Quotas that the suite comes near: what is counted, and what AWS measures of the services that the suite runs on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cli.diagnosis.finding import Level, Patient, Row, Unasked, asking
from infra.parts.buses import DEFAULT
from infra.parts.names import AT_ONCE, BUS

NEAR_PERCENT = 80
RULES = 300
"""Rules on a bus, unless the account has been given more."""

NEEDED = 5 * AT_ONCE
"""Functions that may run at once before decide, ten at a time, crowds out what it decides for and the account's own."""

MORE = "ask for a higher quota"


class Counted(NamedTuple):
    """What is counted by listing it: the call, where its answer lists them, how it goes on; the quota's code, and its
    value in an account that Service Quotas says nothing of."""

    what: str
    service: str
    operation: str
    asked: dict[str, str]
    listed: str
    onward: tuple[str, str]
    code: str
    usual: int
    why: str


NEXT = ("NextToken", "NextToken")
FAILS = "and a deployment fails when there are no more"
COUNTED = (
    *(
        Counted(
            f"rules on the {bus} bus",
            *("events", "list_rules", {"EventBusName": bus}, "Rules", NEXT, "L-244521F2", RULES),
            f"each policy needs one, {FAILS}",
        )
        for bus in (DEFAULT, BUS)
    ),
    Counted(
        "tables of DynamoDB",
        *("dynamodb", "list_tables", {}, "TableNames", ("LastEvaluatedTableName", "ExclusiveStartTableName")),
        *("L-F98FE922", 2500),
        f"the suite has two, {FAILS}",
    ),
)

MEASURED = {
    "events": "every event goes through its rules",
    "lambda": "every stage is a function",
    "states": "each incident is an execution: what is refused there is started by the sweep, a minute later",
    "dynamodb": "each stage commits before it goes on: what is throttled there waits",
    "sqs": "findings wait in a queue",
    "monitoring": "alarms, probes and the sweep ask it",
    "kms": "tables, queues and the export are under keys",
}
"""By the code that Service Quotas knows a service by: what the suite needs it for."""

LATELY, MINUTE = timedelta(days=1), 60
AT_A_TIME = 500
"""Metrics that CloudWatch gives in one call."""


def counted(patient: Patient) -> Iterator[Row]:
    """What there is of rules and tables."""
    for one in COUNTED:
        count = _count(patient, one)
        limit = _limit(patient, one)
        if count * 100 >= limit * NEAR_PERCENT:
            yield Row(Level.NEAR, one.what, f"{count:,} of {limit:,}: {one.why}", f"{MORE}, or remove some")


def measured(patient: Patient) -> Iterator[Row]:
    """What AWS measures of the quotas of the services that the suite runs on."""
    for service, why in MEASURED.items():
        quotas = [one for one in _quotas(patient, service) if "UsageMetric" in one and one["Value"] > 0]
        for begin in range(0, len(quotas), AT_A_TIME):
            yield from _near(patient, service, why, quotas[begin : begin + AT_A_TIME])


def concurrency(patient: Patient) -> Iterator[Row]:
    """How many functions may run at once."""
    with asking("Lambda's limits"):
        limit = int(patient.ask("lambda", "get_account_settings")["AccountLimit"]["ConcurrentExecutions"])
    if limit < NEEDED:
        why = f"{limit} may run at once in this account, of which decide alone takes {AT_ONCE} in a storm"
        yield Row(Level.NEAR, "Lambda's concurrent executions", why, f"{MORE}: 1,000 is usual")


def _count(patient: Patient, one: Counted) -> int:
    """How many a bus, or whatever else is not there, has: none."""
    count, said = 0, dict(one.asked)
    with asking(one.what):
        while True:
            try:
                page = patient.ask(one.service, one.operation, **said)
            except patient.clients(one.service).exceptions.ResourceNotFoundException:
                return count
            count += len(page[one.listed])
            if not page.get(one.onward[0]):
                return count
            said = {**one.asked, one.onward[1]: page[one.onward[0]]}


def _limit(patient: Patient, one: Counted) -> int:
    """What the account may have; the usual where it does not say: `measured` tells that it could not be asked."""
    try:
        found = [int(quota["Value"]) for quota in _quotas(patient, one.service) if quota["QuotaCode"] == one.code]
    except Unasked:
        found = []
    return max(found, default=one.usual)


def _quotas(patient: Patient, service: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    said: dict[str, str] = {"ServiceCode": service}
    with asking(f"the quotas of {service}"):
        while True:
            page = patient.ask("service-quotas", "list_service_quotas", **said)
            found += page["Quotas"]
            if not page.get("NextToken"):
                return found
            said["NextToken"] = page["NextToken"]


def _near(patient: Patient, service: str, why: str, quotas: list[dict[str, Any]]) -> Iterator[Row]:
    """Those of which a day's busiest minute used most. A rate counts by the second, or as its period says."""
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    said = {"StartTime": now - LATELY, "EndTime": now, "MetricDataQueries": [*map(_query, range(len(quotas)), quotas)]}
    with asking(f"the use of {service}"):
        answer = patient.ask("cloudwatch", "get_metric_data", **said)["MetricDataResults"]
    results = {one["Id"]: one["Values"] for one in answer}
    for number, quota in enumerate(quotas):
        used = max(results.get(f"q{number}", ()), default=0)
        if quota["UsageMetric"].get("MetricStatisticRecommendation") == "Sum":
            used *= _seconds(quota) / MINUTE
        if used * 100 >= quota["Value"] * NEAR_PERCENT:
            told = f"{used:,.0f} of {quota['Value']:,.0f} in the busiest minute of the last day: {why}"
            yield Row(Level.NEAR, f"{quota.get('ServiceName', service)}: {quota['QuotaName']}", told, MORE)


SPANS = {"MICROSECOND": 1e-6, "MILLISECOND": 1e-3, "SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86400}


def _seconds(quota: dict[str, Any]) -> float:
    period = quota.get("Period") or {"PeriodValue": 1, "PeriodUnit": "SECOND"}
    return float(period["PeriodValue"] * SPANS.get(period["PeriodUnit"], 604_800))


def _query(number: int, quota: dict[str, Any]) -> dict[str, Any]:
    usage = quota["UsageMetric"]
    dimensions = [{"Name": name, "Value": value} for name, value in usage.get("MetricDimensions", {}).items()]
    metric = {"Namespace": usage["MetricNamespace"], "MetricName": usage["MetricName"], "Dimensions": dimensions}
    stat = usage.get("MetricStatisticRecommendation") or "Maximum"
    return {"Id": f"q{number}", "MetricStat": {"Metric": metric, "Period": MINUTE, "Stat": stat}}
