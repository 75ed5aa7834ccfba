"""Billing: a cost anomaly, or a budget that is exceeded or will be, is a finding about its monitor or budget."""

import re
from datetime import UTC, datetime
from typing import Any

from detect.envelope import Seen, arn, moment, said, told, unread
from detect.intake import Ignored, intake, section, text
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy

ANOMALY, BUDGET = "Anomaly Detected", "AWS Budgets Notification"

DETECTOR = Detector(
    source="billing",
    title="Cost Anomaly Detection's events; what Budgets says over SNS, put on the bus as it stands",
    detail_types=(ANOMALY, BUDGET),
    delivery="best-effort",
)
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
    """A Finding for an anomaly, by its own id, or for a budget, once by period, kind of alert and threshold."""
    seen = _budget(event) if text(event, "detail-type") == BUDGET else _anomaly(event)
    return told(seen, event, policy, now, DETECTOR.source)


def _anomaly(event: dict[str, Any]) -> Seen | Ignored:
    """What AWS found; it happened when AWS said so, for the spend itself is a day or more ago."""
    if other := unread(event, {ANOMALY: "aws.ce"}):
        return other
    detail = section(event, "detail")
    if said(detail, "feedback") == "NO":
        return Ignored("a person said that it is no anomaly")
    monitor, identity = text(event, "detail", "monitorArn"), text(event, "detail", "anomalyId")
    causes = detail.get("rootCauses")
    cause = causes[0] if isinstance(causes, list) and causes else {}
    impact = _number(section(detail, "impact").get("totalImpact"))
    where = {name: said(cause, key) for name, key in CAUSE.items()}
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
    if text(event, "source").startswith("aws."):
        return Ignored("AWS sends no such event")
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


handler = intake(DETECTOR, detect)
