"""CloudWatch: an alarm that goes into ALARM is a finding about the resource it watches."""

from datetime import datetime
from typing import Any

from detect.intake import Ignored, intake, required, section, text
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding, finding
from edsr.policy import Policy
from edsr.times import iso, parse

DETECTOR = Detector(
    source="cloudwatch",
    title="CloudWatch alarms: metric, composite, anomaly-band and metric-math",
    detail_types=("CloudWatch Alarm State Change",),
    delivery="best-effort",
)
SOURCE = "aws.cloudwatch"
"""EventBridge lets nobody else send from it: that an event says so is the proof of where it comes from."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for a transition into ALARM. The transition's own timestamp is the episode: every copy has the same."""
    source, kind = text(event, "source"), text(event, "detail-type")
    if source != SOURCE:
        return Ignored(f"{source[:64]!r} is not CloudWatch: anybody may send such an event")
    if kind not in DETECTOR.detail_types:
        return Ignored(f"{kind[:64]!r} is not an alarm's change of state")
    state = text(event, "detail", "state", "value")
    if state != "ALARM":
        return Ignored(f"the alarm went to {state[:64]}")
    name = text(event, "detail", "alarmName")
    since = _time(text(event, "detail", "state", "timestamp"))
    account, region = text(event, "account"), text(event, "region")
    arn = _alarm_arn(event)
    detail = event["detail"]
    subject_arn, subject_kind = _subject(detail, arn, account, region)
    return finding(
        policy=policy.id,
        source=DETECTOR.source,
        subject={"arn": subject_arn, "kind": subject_kind, "account": account, "region": region},
        condition=name,
        episode=iso(since),
        observed_at=since,
        detected_at=now,
        severity=policy.detect.severity,
        title=f"{name} is in ALARM",
        evidence={
            "alarm": name,
            "alarm_arn": arn,
            "reason": _said(detail["state"], "reason")[:1024],
            "previous": _said(section(detail, "previousState"), "value"),
            "event_id": _said(event, "id"),
        },
        correlation_id=_correlation(detail),
    )


def _alarm_arn(event: dict[str, Any]) -> str:
    resources = required(event, "resources")
    first = resources[0] if isinstance(resources, list) and resources else None
    if not isinstance(first, str) or not first.startswith("arn:"):
        raise Malformed("the event's resources do not name the alarm")
    return first


def _subject(detail: dict[str, Any], alarm_arn: str, account: str, region: str) -> tuple[str, str]:
    """The Lambda function, alias or SQS queue whose metric the alarm watches; for other alarms the alarm itself."""
    partition = alarm_arn.split(":")[1]
    for metric in _metrics(detail):
        dimensions = section(metric, "dimensions")
        function, queue = _said(dimensions, "FunctionName"), _said(dimensions, "QueueName")
        if metric.get("namespace") == "AWS/SQS" and queue:
            return f"arn:{partition}:sqs:{region}:{account}:{queue}", "sqs:queue"
        if metric.get("namespace") == "AWS/Lambda" and function:
            arn = f"arn:{partition}:lambda:{region}:{account}:function:{function}"
            name, _, alias = _said(dimensions, "Resource").partition(":")
            return (f"{arn}:{alias}", "lambda:alias") if alias and name == function else (arn, "lambda:function")
    return alarm_arn, "cloudwatch:alarm"


def _metrics(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an alarm; composite alarms have none, and math expressions have no `metricStat`."""
    queries = section(detail, "configuration").get("metrics")
    return [section(query, "metricStat", "metric") for query in (queries if isinstance(queries, list) else [])]


def _correlation(detail: dict[str, Any]) -> str | None:
    return (_said(detail, "traceparent") or _said(detail, "correlation-id"))[:256] or None


def _said(holder: dict[str, Any], name: str) -> str:
    value = holder.get(name)
    return value if isinstance(value, str) else ""


def _time(said: str) -> datetime:
    try:
        return parse(said)
    except ValueError as exc:
        raise Malformed(f"detail.state.timestamp {said[:64]!r} is not a time: {exc}") from exc


handler = intake(DETECTOR, detect)
