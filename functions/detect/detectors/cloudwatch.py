"""CloudWatch: an alarm that goes into ALARM is a finding about the resource it watches."""

from datetime import datetime
from typing import Any

from detect.intake import Ignored, intake, required
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding, finding
from edsr.policy import Policy
from edsr.times import parse

DETECTOR = Detector(
    source="cloudwatch",
    title="CloudWatch alarms: metric, composite, anomaly-band and metric-math",
    detail_types=("CloudWatch Alarm State Change",),
    delivery="best-effort",
)


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for a transition into ALARM. The transition's own timestamp is the episode: every copy has the same."""
    kind = required(event, "detail-type")
    if kind not in DETECTOR.detail_types:
        return Ignored(f"{kind!r} is not an alarm's change of state")
    state = required(event, "detail", "state", "value")
    if state != "ALARM":
        return Ignored(f"the alarm went to {state}")
    name = str(required(event, "detail", "alarmName"))
    since = str(required(event, "detail", "state", "timestamp"))
    account, region = str(required(event, "account")), str(required(event, "region"))
    arn = _alarm_arn(event)
    detail = event["detail"]
    subject_arn, subject_kind = _subject(detail, arn, account, region)
    return finding(
        policy=policy.id,
        source=DETECTOR.source,
        subject={"arn": subject_arn, "kind": subject_kind, "account": account, "region": region},
        condition=name,
        episode=since,
        observed_at=_time(since),
        detected_at=now,
        severity=policy.detect.severity,
        title=f"{name} is in ALARM",
        evidence={
            "alarm": name,
            "alarm_arn": arn,
            "reason": str(detail["state"].get("reason", ""))[:1024],
            "previous": str((detail.get("previousState") or {}).get("value", "")),
            "event_id": str(event.get("id", "")),
        },
        correlation_id=_correlation(detail),
    )


def _alarm_arn(event: dict[str, Any]) -> str:
    resources = required(event, "resources")
    if not isinstance(resources, list) or not isinstance(resources[0], str):
        raise Malformed("the event's resources do not name the alarm")
    return resources[0]


def _subject(detail: dict[str, Any], alarm_arn: str, account: str, region: str) -> tuple[str, str]:
    """The Lambda function or alias whose metric the alarm watches; for other alarms the alarm itself."""
    for metric in _metrics(detail):
        dimensions = metric.get("dimensions") or {}
        function = dimensions.get("FunctionName")
        if metric.get("namespace") != "AWS/Lambda" or not function:
            continue
        partition = alarm_arn.split(":")[1]
        arn = f"arn:{partition}:lambda:{region}:{account}:function:{function}"
        name, _, alias = str(dimensions.get("Resource", "")).partition(":")
        return (f"{arn}:{alias}", "lambda:alias") if alias and name == function else (arn, "lambda:function")
    return alarm_arn, "cloudwatch:alarm"


def _metrics(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an alarm; composite alarms have none, and math expressions have no `metricStat`."""
    queries = (detail.get("configuration") or {}).get("metrics") or []
    stats = [query.get("metricStat") or {} for query in queries if isinstance(query, dict)]
    return [stat["metric"] for stat in stats if isinstance(stat.get("metric"), dict)]


def _correlation(detail: dict[str, Any]) -> str | None:
    given = detail.get("traceparent") or detail.get("correlation-id")
    return str(given)[:256] if given else None


def _time(text: str) -> datetime:
    try:
        return parse(text)
    except ValueError as exc:
        raise Malformed(f"detail.state.timestamp {text!r} is not a time: {exc}") from exc


handler = intake(DETECTOR, detect)
