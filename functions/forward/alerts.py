"""Alerts: what Alertmanager, CloudWatch and a SIEM say in webhooks and messages of their own, as signals."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from edsr.errors import Malformed
from edsr.signal import Signal
from edsr.times import iso, parse

SEVERITIES = {"critical": "critical", "page": "critical", "error": "high", "high": "high", "warning": "medium"}
"""Words that Prometheus's rules commonly use; all others are `low`, and no word at all is `medium`."""

LABELS = 50
MOST = 100
"""How many alerts of one webhook are taken: Alertmanager's `max_alerts` and `group_by` keep it far below."""


def alertmanager(body: dict[str, Any], topic: str) -> Iterator[dict[str, Any]]:
    """A signal for each alert of a webhook of Alertmanager, or of Grafana, which writes the same.

    The fingerprint names the alert and `startsAt` this time that it fires. It is about the resource that its label
    `arn` names, else about the topic: Prometheus does not know of ARNs.
    """
    alerts = body["alerts"]
    if len(alerts) > MOST:
        raise Malformed(f"{len(alerts)} alerts in one message; {MOST} are taken")
    for alert in alerts:
        labels, notes = _texts(alert, "labels"), _texts(alert, "annotations")
        began, mark = _text(alert, "startsAt"), _text(alert, "fingerprint")
        yield _signal(
            id=f"{mark} {_moment(began)}",
            condition=labels.get("alertname", "alert"),
            subject=_subject(labels, topic),
            at=began,
            state="ok" if alert.get("status") == "resolved" else "problem",
            title=notes.get("summary", "") or notes.get("description", ""),
            severity=SEVERITIES.get(labels["severity"].lower(), "low") if "severity" in labels else "medium",
            labels=labels,
            link=_said(alert, "generatorURL"),
        )


def cloudwatch(body: dict[str, Any], topic: str) -> dict[str, Any]:
    """The signal of an alarm that was sent over SNS: of another account's, for one's own come over the bus."""
    name, state = _text(body, "AlarmName"), _text(body, "NewStateValue")
    return _signal(
        id=_moment(_text(body, "StateChangeTime")),
        condition=name,
        subject={"arn": topic, "kind": "sns:topic"},
        at=_moment(_text(body, "StateChangeTime")),
        state="problem" if state == "ALARM" else "ok",
        title=f"{name} is in {state}",
        labels={key: _said(body, key) for key in ("AlarmArn", "AWSAccountId", "Region", "NewStateReason")},
    )


def splunk(body: dict[str, Any], topic: str, sent: str) -> dict[str, Any]:
    """The signal of an alert action of Splunk: the search's own id names this time that it found something."""
    result = _texts(body, "result")
    name = _text(body, "search_name")
    return _signal(
        id=_text(body, "sid"),
        condition=name,
        subject=_subject(result, topic),
        at=sent,
        title=name,
        severity=SEVERITIES.get(result["severity"].lower(), "low") if "severity" in result else "medium",
        labels=result,
        link=_said(body, "results_link"),
    )


def _subject(labels: dict[str, str], topic: str) -> dict[str, str]:
    if labels.get("arn", "").startswith("arn:"):
        return {"arn": labels["arn"], "kind": labels.get("kind", "") or "custom"}
    return {"arn": topic, "kind": "sns:topic"}


def _signal(**fields: Any) -> dict[str, Any]:
    """By the contract, and no longer than it allows. ValueError says what is wrong with it."""
    labels = {key[:128]: value[:1024] for key, value in list(fields["labels"].items())[:LABELS]}
    short = {"title": fields["title"][:512], "link": fields.get("link", "")[:1024], "labels": labels}
    condition = fields["condition"][:256]
    return Signal.model_validate({"v": 1, **fields, **short, "condition": condition}).model_dump(mode="json")


def _moment(said: str) -> str:
    try:
        at: datetime = parse(said)
    except ValueError as exc:
        raise Malformed(f"{said[:64]!r} is not a time: {exc}") from exc
    return iso(at)


def _text(holder: Any, name: str) -> str:
    if not (value := _said(holder, name)):
        raise Malformed(f"it lacks {name}")
    return value


def _said(holder: Any, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""


def _texts(holder: Any, name: str) -> dict[str, str]:
    """A map of texts, without what is no text in it."""
    value = holder.get(name) if isinstance(holder, dict) else None
    found = value if isinstance(value, dict) else {}
    return {key: text for key, text in found.items() if isinstance(text, str) and text}
