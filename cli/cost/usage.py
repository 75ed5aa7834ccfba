"""What the suite uses: for one remediation, for one finding that is only watched, and for a month of standing there."""

import json
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from cli.cost.bill import Usage
from edsr.metrics import METRICS

HOURS, MINUTES = 730, 43_800
"""Of a month."""

ANCHORS = MINUTES // 5

SECONDS = Decimal("0.4")
MEMORY = Decimal("0.25")
"""How long a function runs (an assumption: most wait for DynamoDB), and the memory most have, in GB."""

KILOBYTE = Decimal(1) / 1_000_000
"""In gigabytes, as logs are billed."""

POLLERS, POLLS = 5, 3
"""Lambda reads an idle queue with so many long polls at a time, so many times a minute."""


def _functions(count: int, why: str) -> list[Usage]:
    return [
        Usage("lambda-requests", Decimal(count), why),
        Usage("lambda-gb-seconds", count * SECONDS * MEMORY, f"{why}; {SECONDS} s of {MEMORY} GB each"),
        Usage("log-gigabytes", count * 3 * KILOBYTE, f"{why}; 3 KB of log each"),
    ]


REMEDIATION = [
    *_functions(7, "detect, decide, plan, act, verify, close, record"),
    Usage("state-transitions", Decimal(16), "from Plan to Done, one step, judged at the second look"),
    Usage("dynamodb-writes", Decimal(130), "five transactions: each part counts double, by its item's size"),
    Usage("dynamodb-reads", Decimal(40), "what is read in one piece, and the chain that is measured"),
    Usage("sqs-requests", Decimal(3), "the finding is sent, received and deleted"),
    Usage("events", Decimal(4), "announced: decision, plan, step, end"),
    Usage("s3-puts", Decimal(1), "the records' export"),
    Usage("kms-requests", Decimal(2), "the export's and the tables' data keys, which are kept for minutes"),
]
"""One remediation of one step that goes well."""

WATCHED = [
    *_functions(3, "detect, decide, record"),
    Usage("dynamodb-writes", Decimal(40), "one transaction"),
    Usage("dynamodb-reads", Decimal(25), "all facts in one piece"),
    Usage("sqs-requests", Decimal(3), "the finding is sent, received and deleted"),
    Usage("events", Decimal(1), "announced: the decision"),
    Usage("s3-puts", Decimal(1), "the record's export"),
]
"""One finding that is only watched."""

Resources = Mapping[str, Mapping[str, Any]]


def standing(folder: Path) -> list[Usage]:
    """What a month costs in which nothing happens, read from synthesized templates."""
    found = [
        resource
        for file in sorted(folder.glob("*.template.json"))
        for resource in json.loads(file.read_text("utf-8"))["Resources"].values()
    ]
    counts = Counter(resource["Type"] for resource in found)
    alarms = sum(len(_measured(one)) for one in found if one["Type"] == "AWS::CloudWatch::Alarm")
    ticks = sum(map(_ticks, found))
    queues = sum(_reads_a_queue(one) for one in found)
    series = sum(metric.series for metric in METRICS.values())
    return [
        Usage("metrics", Decimal(series), "every metric of the suite, as if each had values all month"),
        Usage("alarm-metrics", Decimal(alarms), "metrics that alarms watch"),
        Usage("composite-alarms", Decimal(counts["AWS::CloudWatch::CompositeAlarm"]), "burn rates of objectives"),
        Usage("dashboards", Decimal(counts["AWS::CloudWatch::Dashboard"]), "dashboards"),
        Usage("kms-keys", Decimal(counts["AWS::KMS::Key"]), "keys"),
        Usage("schedules", Decimal(MINUTES), "the heartbeat's schedule, each minute"),
        Usage("events", Decimal(MINUTES), "heartbeats on the bus"),
        *_functions(ticks + 2 * MINUTES, "the clock's calls, and a heartbeat's two"),
        Usage("dynamodb-writes", Decimal(MINUTES + ticks), "heartbeats, and what polls note"),
        Usage("dynamodb-reads", Decimal(4 * MINUTES + ticks), "the sweep looks at four partitions of the index"),
        Usage("sqs-requests", Decimal(queues * POLLERS * POLLS * MINUTES), "idle queues are polled"),
        Usage("state-transitions", Decimal(3 * HOURS), "a heartbeat goes through the machine hourly"),
        Usage("s3-puts", Decimal(5 * ANCHORS), "each anchor is written, and four lists are looked through for it"),
        Usage("kms-signatures", Decimal(ANCHORS), "anchors, signed every five minutes"),
    ]


def _measured(alarm: Mapping[str, Any]) -> list[Any]:
    """The metrics an alarm is billed for."""
    metrics = alarm["Properties"].get("Metrics")
    return [one for one in metrics if "MetricStat" in one] if metrics else [alarm]


def _ticks(resource: Mapping[str, Any]) -> int:
    """How often a rule of the clock calls its function in a month."""
    said = str(resource.get("Properties", {}).get("ScheduleExpression", ""))
    if resource["Type"] != "AWS::Events::Rule" or not said.startswith("rate("):
        return 0
    count, unit = said.removeprefix("rate(").rstrip(")").split()
    return int(MINUTES / (int(count) * {"minute": 1, "hour": 60, "day": 1440}[unit.rstrip("s")]))


def _reads_a_queue(resource: Mapping[str, Any]) -> bool:
    mapping = resource["Type"] == "AWS::Lambda::EventSourceMapping"
    return mapping and "AuditStream" not in json.dumps(resource["Properties"].get("EventSourceArn", ""))
