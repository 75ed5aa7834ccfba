"""Billing: a cost anomaly, a budget that is exceeded or will be, and growth that will cost: hours before the bill."""

import re
from datetime import UTC, datetime
from typing import Any

from detect import alarms
from detect.envelope import Seen, arn, first_arn, moment, said, told
from detect.intake import Ignored, intake, section, text
from detect.kinds import TEAMS, Kind, read
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.signal import ANOMALY as ANOMALY_OVER_SNS
from edsr.signal import BUDGET

MONEY = r"\$?([\d,]+(?:\.\d+)?)"
FIELDS = {
    "name": re.compile(r"^Budget Name: (.+)$", re.MULTILINE),
    "type": re.compile(r"^Alert Type: ([A-Z]+)$", re.MULTILINE),
    "threshold": re.compile(rf"^Alert Threshold: > ?{MONEY}", re.MULTILINE),
    "amount": re.compile(rf"^(?:ACTUAL|FORECASTED) Amount: {MONEY}", re.MULTILINE),
    "date": re.compile(r"AWS Budget Notification ([A-Z][a-z]+ \d{1,2}, \d{4})"),
}
"""What a budget's notification says of itself, below its prose."""

OF_ACCOUNT = re.compile(r"AWS Account (\d{12})\b")
PER_DAY = re.compile(r"\bper day\b")
OF_PERIOD = re.compile(r"\bcurrent (quarter|year)\b")


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for an anomaly, by its own id, for a budget, once by period, kind of alert and threshold, or for what
    grows, by the activity that made it grow."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _anomaly_over_sns(event: dict[str, Any]) -> Seen | Ignored:
    """The same anomaly as the event tells it, by the same id; only who sent it is not vouched for."""
    monitor = text(event, "detail", "monitorArn")
    if monitor.split(":")[4:5] != [text(event, "account")]:
        return Ignored(f"{monitor[:64]!r} is no monitor of the account that sent it")
    return _anomaly(event)


def _anomaly(event: dict[str, Any]) -> Seen | Ignored:
    """What AWS found; it happened when AWS said so, for the spend itself is a day or more ago."""
    detail = section(event, "detail")
    if said(detail, "feedback") == "NO":
        return Ignored("a person said that it is no anomaly")
    monitor, identity = text(event, "detail", "monitorArn"), text(event, "detail", "anomalyId")
    causes = detail.get("rootCauses")
    cause = causes[0] if isinstance(causes, list) and causes else {}
    impact = _number(section(detail, "impact").get("totalImpact"))
    where = {name: said(cause, key) for name, key in CAUSE.items()}
    where["of"] = said(detail, "dimensionValue") or said(detail, "dimensionalValue")  # as SNS spells it
    return Seen(
        arn=monitor,
        kind="ce:anomaly-monitor",
        condition="cost-anomaly",
        episode=identity,
        at=moment(event, "time"),
        title=f"{impact or 'unknown'} more spent than expected on {where['cause'] or 'what it does not name'}",
        evidence={"anomaly": identity, "impact": impact, **where, "link": said(detail, "anomalyDetailsLink")},
    )


CAUSE = {"cause": "service", "usage": "usageType", "in": "region", "of_account": "linkedAccount"}


def _number(value: Any) -> str:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _budget(event: dict[str, Any]) -> Seen | Ignored:
    """What Budgets wrote, in the notification that SNS delivers. Its subject line is at times missing, the text never.

    Nobody vouches for who sent it, so it counts only for the account that it was sent from.
    """
    words = text(event, "detail", "Message")
    words = words if "\n" in words else words.replace("#", "\n")
    account = OF_ACCOUNT.search(words)
    if account and account[1] != text(event, "account"):
        return Ignored(f"it is about account {account[1]}, which did not send it")
    found = {name: _field(name, words) for name in FIELDS}
    amount, threshold = found["amount"].replace(",", ""), found["threshold"].replace(",", "")
    return Seen(
        arn=arn(event, "budgets", f"budget/{found['name']}", region=False),
        kind="budgets:budget",
        condition=f"budget-{found['type'].lower()}",
        episode=f"{_period(words, found['date'])} {threshold}",
        at=moment(event, "time"),
        title=f"budget {found['name']}: {found['type'].lower()} {amount} is more than {threshold}",
        evidence={"budget": found["name"], "alert": found["type"], "amount": amount, "threshold": threshold},
    )


def _field(name: str, words: str) -> str:
    found = FIELDS[name].search(words)
    if not found:
        raise Malformed(f"the notification does not say its {name}")
    return found[1].strip()


def _period(words: str, date: str) -> str:
    """Which period of the budget it is about: a day, a month unless it says otherwise, a quarter or a year."""
    try:
        at = datetime.strptime(date, "%B %d, %Y").replace(tzinfo=UTC)
    except ValueError as exc:
        raise Malformed(f"{date!r} is not a date") from exc
    if PER_DAY.search(words):
        return f"{at:%Y-%m-%d}"
    longer = OF_PERIOD.search(words)
    if not longer:
        return f"{at:%Y-%m}"
    return f"{at:%Y}" if longer[1] == "year" else f"{at:%Y}-Q{(at.month + 2) // 3}"


def _grown(event: dict[str, Any]) -> Seen | Ignored:
    """What Application Auto Scaling made as large as it may: the only activity that it tells of."""
    detail, space = section(event, "detail"), text(event, "detail", "serviceNamespace")
    if detail.get("scaledToMax") is False:
        return Ignored("it is not as large as it may become")
    about, kind = _scaled(event, space, text(event, "detail", "resourceId"))
    dimension = text(event, "detail", "scalableDimension")
    sizes = {name: str(detail.get(key, ""))[:32] for name, key in SIZES.items()}
    return Seen(
        arn=about,
        kind=kind,
        condition=f"scaled-to-max {dimension}",
        episode=text(event, "detail", "startTime"),
        at=moment(event, "detail", "startTime"),
        title=f"{about.rsplit(':', 1)[-1]} grew from {sizes['before']} to {sizes['after']}, the most it may have",
        evidence={"dimension": dimension, **sizes},
    )


SIZES = {"before": "oldDesiredCapacity", "after": "newDesiredCapacity", "most": "maxCapacity"}


def _scaled(event: dict[str, Any], space: str, resource: str) -> tuple[str, str]:
    """The ARN of a scalable target, for the services where it follows from the target's id."""
    if space in ("ecs", "dynamodb"):
        return arn(event, space, resource.partition("/index/")[0]), f"{space}:{resource.partition('/')[0]}"[:64]
    if space == "lambda" and resource.startswith("function:"):
        return arn(event, "lambda", resource), "lambda:alias" if resource.count(":") > 1 else "lambda:function"
    return arn(
        event, "application-autoscaling", f"scalable-target/{space}/{resource}"
    ), "application-autoscaling:target"


def _launched(event: dict[str, Any]) -> Seen:
    """An instance that an Auto Scaling group launched; each is one, so that a policy counts them."""
    return Seen(
        arn=first_arn(event, "autoscaling"),
        kind="autoscaling:autoScalingGroup",
        condition="instance-launched",
        episode=text(event, "detail", "ActivityId"),
        at=moment(event, "time"),
        title=f"{text(event, 'detail', 'AutoScalingGroupName')} launched an instance",
        evidence={"instance": said(event, "detail", "EC2InstanceId"), "cause": said(event, "detail", "Cause")},
    )


KINDS = {
    **alarms.kinds("AWS/Billing", "AWS/Usage", "AWS/Lambda", "AWS/AutoScaling", "ECS/ContainerInsights"),
    "Anomaly Detected": Kind("aws.ce", _anomaly),
    ANOMALY_OVER_SNS: Kind(TEAMS, _anomaly_over_sns),
    BUDGET: Kind(TEAMS, _budget),
    "Application Auto Scaling Scaling Activity State Change": Kind("aws.application-autoscaling", _grown),
    "EC2 Instance Launch Successful": Kind("aws.autoscaling", _launched),
}

DETECTOR = Detector(
    source="billing",
    title="Cost Anomaly Detection, by event and over SNS; Budgets, over SNS; and what grows before it is billed: "
    "scaling activity, launches, and alarms on billing, usage, concurrency and group sizes",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    forwarded=(ANOMALY_OVER_SNS, BUDGET),
    recovers=alarms.OVER,
)
handler = intake(DETECTOR, detect)
