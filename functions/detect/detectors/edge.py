"""Edge: attacks, errors and blocked requests at balancers, distributions and web ACLs; canaries that fail."""

from datetime import datetime
from typing import Any

from detect import alarms
from detect.envelope import Seen, arn, moment, said, told
from detect.forwarded import line
from detect.intake import Ignored, intake, section, text
from detect.kinds import TEAMS, Event, Kind, read
from edsr.declare import Detector
from edsr.kinds import kind_of
from edsr.model import Finding
from edsr.policy import Policy
from edsr.signal import LOG_EVENT

SPACES = (
    "AWS/ApplicationELB",
    "AWS/NetworkELB",
    "AWS/CloudFront",
    "AWS/WAFV2",
    "AWS/DDoSProtection",
    "AWS/ApiGateway",
    "CloudWatchSynthetics",
)
"""Shield, WAF, CloudFront and the balancers send no events of their own: what they see is in their metrics."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for an alarm, a canary's run that failed, or one request that a web ACL blocked."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _canary(event: Event) -> Seen | Ignored:
    """A run of a canary that failed."""
    canary, run = text(event, "detail", "canary-name"), text(event, "detail", "canary-run-id")
    return Seen(
        arn=arn(event, "synthetics", f"canary:{canary}"),
        kind="synthetics:canary",
        condition="canary-failed",
        episode=run,
        at=moment(event, "time"),
        title=f"canary {canary} failed",
        evidence={"run": run, "reason": said(event, "detail", "state-reason")},
    )


def _request(event: Event) -> Seen | Ignored:
    """A request that a web ACL blocked, as its log says; each is one, so that a policy counts them."""
    found = line(event)
    if isinstance(found, Ignored):
        return found
    acl, action = said(found.value, "webaclId"), said(found.value, "action")
    if not acl:
        return Ignored("the line is not of a web ACL's log")
    if action != "BLOCK":
        return Ignored(f"the action is {action[:64] or 'unknown'}")
    rule, request = said(found.value, "terminatingRuleId"), section(found.value, "httpRequest")
    return Seen(
        arn=acl,
        kind=kind_of(acl),
        condition=f"request-blocked {rule}"[:512],
        episode=said(request, "requestId") or found.id,
        at=found.at,
        title=f"{rule or 'a rule'} blocked {said(request, 'clientIp') or 'a client'}",
        evidence={
            "rule": rule,
            "client": said(request, "clientIp"),
            "country": said(request, "country"),
            "path": said(request, "uri"),
            "of": said(found.value, "httpSourceId"),
        },
    )


KINDS = {
    **alarms.kinds(*SPACES),
    "Synthetics Canary TestRun Failure": Kind("aws.synthetics", _canary),
    LOG_EVENT: Kind(TEAMS, _request),
}

DETECTOR = Detector(
    source="edge",
    title="Alarms on balancers, CloudFront, WAF, Shield and API Gateway; canaries' runs that failed; requests that a "
    "web ACL's log says were blocked",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    forwarded=(LOG_EVENT,),
    recovers=alarms.OVER,
)
handler = intake(DETECTOR, detect)
