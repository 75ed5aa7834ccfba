"""An event that is waited for: read by the policy's own words, whatever its source."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from edsr import extract
from edsr.errors import Malformed, Refused
from edsr.kinds import kind_of
from edsr.model import Finding, finding
from edsr.policy import Policy
from edsr.technique.absence import absence_of, condition
from edsr.times import iso, parse

ANYWHERE = ""


def expected(event: Mapping[str, Any], policy: Policy, now: datetime) -> Finding | str:
    """What came about which subject, and when, as `detect.absence` says; why not, where it counts for nothing: it is
    not of the account and Region that sent it, nor of none. Malformed where the event does not say."""
    said = absence_of(policy)
    arn = _text(said.subject, event, "subject.$")
    parts = arn.split(":", 5)
    if parts[0] != "arn" or len(parts) < len(("arn", "aws", "service", "region", "account", "name")):
        raise Malformed(f"detect.absence: {said.subject!r} gives {arn[:64]!r}, which is no ARN")
    if parts[3] not in (event.get("region"), ANYWHERE) or parts[4] not in (event.get("account"), ANYWHERE):
        return f"{arn[:64]!r} is not of the account and Region that sent it"
    came = _text(said.at, event, "at.$")
    try:
        at = parse(came)
    except ValueError as exc:
        raise Malformed(f"detect.absence: {said.at!r} gives {came[:64]!r}, which is no time: {exc}") from exc
    return finding(
        policy=policy.id,
        source=policy.detect.source,
        subject={"arn": arn, "kind": kind_of(arn), "account": event.get("account"), "region": event.get("region")},
        condition=condition(said),
        episode=iso(at),
        observed_at=at,
        detected_at=now,
        severity=policy.detect.severity,
        title=f"{arn} was heard of"[:512],
        evidence={},
    )


def _text(expression: str, event: Mapping[str, Any], name: str) -> str:
    try:
        value = extract.find(expression, event)
    except Refused as exc:
        raise Malformed(f"detect.absence: {name}: {exc}") from exc
    if not isinstance(value, str):
        raise Malformed(f"detect.absence: {expression!r} is {type(value).__name__}, not text")
    return value
