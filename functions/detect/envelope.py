"""What events of every source share: who sent them, where and when; and how what is read in them becomes a Finding."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from detect.intake import Ignored, section, text
from edsr.errors import Malformed
from edsr.legible import line
from edsr.model import Finding, finding
from edsr.policy import Policy
from edsr.recovery import Recovery
from edsr.times import parse

PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
"""By how the names of their Regions begin."""

LONGEST = 1024
"""Characters of a text that are kept as evidence."""


class Seen(NamedTuple):
    """What a detector read in an event: about which ARN of which kind, what is wrong, which episode, and since when.

    `over` says why it is no finding, when the event tells that it is over: then `also` are further conditions that are,
    and `same` names the evidence that a finding must have in common with it.
    """

    arn: str
    kind: str
    condition: str
    episode: str
    at: datetime
    title: str
    evidence: dict[str, Any]
    over: str = ""
    also: tuple[str, ...] = ()
    same: tuple[str, ...] = ()


def told(seen: Seen | Ignored, event: dict[str, Any], policy: Policy, now: datetime, source: str) -> Finding | Ignored:
    """The Finding for what was seen; what was ignored stays so. ValueError when a field is out of bounds."""
    if isinstance(seen, Ignored):
        return seen
    account, region = text(event, "account"), text(event, "region")
    subject = {"arn": seen.arn, "kind": seen.kind, "account": account, "region": region}
    if seen.over:
        return Ignored(seen.over, _over(seen, subject, policy, now, source))
    return finding(
        policy=policy.id,
        source=source,
        subject=subject,
        condition=seen.condition,
        episode=seen.episode,
        observed_at=seen.at,
        detected_at=now,
        severity=policy.detect.severity,
        title=line(seen.title)[:512],
        evidence={**seen.evidence, "event_id": said(event, "id")},
        correlation_id=(said(event, "detail", "traceparent") or said(event, "detail", "correlation-id"))[:256] or None,
    )


def _over(seen: Seen, subject: dict[str, str], policy: Policy, now: datetime, source: str) -> Recovery:
    return Recovery.model_validate(
        {
            "policy": policy.id,
            "source": source,
            "subject": subject,
            "condition": seen.condition,
            "also": seen.also,
            "same": {name: seen.evidence[name] for name in seen.same},
            "observed_at": seen.at,
            "detected_at": now,
        }
    )


def unread(event: dict[str, Any], senders: Mapping[str, str]) -> Ignored | None:
    """Why an event is not read, when it is not: `senders` names the source that each detail type comes from."""
    source, kind = text(event, "source"), text(event, "detail-type")
    if kind not in senders:
        return Ignored(f"{kind[:64]!r} is not read")
    if source != senders[kind]:
        return Ignored(f"{source[:64]!r} is not {senders[kind]}: anybody may send such an event")
    return None


def said(holder: Any, *path: str) -> str:
    """The text that stands at a path, shortened to what evidence keeps; empty when there is none."""
    value = section(holder, *path[:-1]).get(path[-1])
    return value[:LONGEST] if isinstance(value, str) else ""


def moment(event: dict[str, Any], *path: str) -> datetime:
    """The time that stands at a path; Malformed when there is none."""
    value = text(event, *path)
    try:
        return parse(value)
    except ValueError as exc:
        raise Malformed(f"{'.'.join(path)} {value[:64]!r} is not a time: {exc}") from exc


def arn(event: dict[str, Any], service: str, resource: str, *, region: bool = True) -> str:
    """The ARN of a resource of the event's account and Region, or of its account alone."""
    place = text(event, "region")
    partition = next((name for begin, name in PARTITIONS.items() if place.startswith(f"{begin}-")), "aws")
    return f"arn:{partition}:{service}:{place if region else ''}:{text(event, 'account')}:{resource}"


def first_arn(event: dict[str, Any], service: str) -> str:
    """The first of the event's resources that is one of a service's; Malformed when none is."""
    resources = event.get("resources")
    for one in resources if isinstance(resources, list) else ():
        if isinstance(one, str) and one.startswith("arn:") and one.split(":")[2:3] == [service]:
            return one
    raise Malformed(f"the event's resources name nothing of {service}")
