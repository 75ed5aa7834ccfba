"""CloudTrail: a call that succeeded, a sign-in, or what a service says of itself is a finding about what it touched."""

from datetime import datetime
from typing import Any

from detect.envelope import Seen, arn, moment, said, told
from detect.intake import Ignored, intake, section, text
from edsr.declare import Detector
from edsr.model import Finding
from edsr.policy import Policy

API_CALL, INSIGHT = "AWS API Call via CloudTrail", "AWS Insight via CloudTrail"

DETECTOR = Detector(
    source="cloudtrail",
    title="CloudTrail: API calls that succeeded, sign-ins, service events, and Insights as they begin",
    detail_types=(
        API_CALL,
        "AWS Service Event via CloudTrail",
        "AWS Console Sign In via CloudTrail",
        "AWS Console Action via CloudTrail",
        INSIGHT,
    ),
    delivery="best-effort",
)
OURS = ":role/edsr/"
"""In the ARN of every role of the suite, and of no other."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for what was done. CloudTrail's own event ID is the episode; of an Insight it is the shared one."""
    return told(_read(event), event, policy, now, DETECTOR.source)


def _read(event: dict[str, Any]) -> Seen | Ignored:
    source, kind = text(event, "source"), text(event, "detail-type")
    if not source.startswith("aws."):
        return Ignored(f"{source[:64]!r} is not of AWS: anybody may send such an event")
    if kind not in DETECTOR.detail_types:
        return Ignored(f"{kind[:64]!r} is not read")
    detail = section(event, "detail")
    if OURS in said(detail, "userIdentity", "sessionContext", "sessionIssuer", "arn"):
        return Ignored("the suite did it itself")
    if kind == INSIGHT:
        return _insight(event)
    if kind == API_CALL and (error := said(detail, "errorCode") or said(detail, "errorMessage")):
        return Ignored(f"the call failed, so nothing was changed: {error[:64]}")
    return _call(event)


def _call(event: dict[str, Any]) -> Seen:
    detail = section(event, "detail")
    name, service = text(event, "detail", "eventName"), text(event, "detail", "eventSource")
    touched, kind = _subject(event, service)
    actor = said(detail, "userIdentity", "arn") or said(detail, "userIdentity", "invokedBy")
    evidence = {"call": name, "of": service, "by": actor, "from": said(detail, "sourceIPAddress")}
    evidence["error"] = said(detail, "errorMessage")
    return Seen(
        arn=touched,
        kind=kind,
        condition=f"{service}:{name}",
        episode=text(event, "detail", "eventID"),
        at=moment(event, "detail", "eventTime"),
        title=f"{name} of {service} by {actor or 'nobody it names'}",
        evidence={**evidence, "rules": open_rules(detail)} if kind == "ec2:security-group" else evidence,
    )


def _insight(event: dict[str, Any]) -> Seen | Ignored:
    """An Insight says twice that it is: as it begins, and as it ends."""
    told_of = section(event, "detail", "insightDetails")
    if said(told_of, "state") != "Start":
        return Ignored(f"the insight's state is {said(told_of, 'state')[:64] or 'unknown'}")
    about = f"{text(event, 'detail', 'insightDetails', 'eventSource')}:{said(told_of, 'eventName')}"
    return Seen(
        arn=arn(event, "iam", "root", region=False),
        kind="account",
        condition=f"{said(told_of, 'insightType')} {about}",
        episode=text(event, "detail", "sharedEventID"),
        at=moment(event, "detail", "eventTime"),
        title=f"calls of {about} are unusual",
        evidence={"insight": said(told_of, "insightType"), "of": about},
    )


def _subject(event: dict[str, Any], service: str) -> tuple[str, str]:
    """What a call touched, as far as the event says it; else the account in which it was made."""
    detail = section(event, "detail")
    asked = section(detail, "requestParameters")
    if service == "ec2.amazonaws.com" and (group := said(asked, "groupId") or _group_answered(detail)):
        return arn(event, "ec2", f"security-group/{group}"), "ec2:security-group"
    if service == "cloudtrail.amazonaws.com" and (trail := said(asked, "name") or said(asked, "trailName")):
        return trail if trail.startswith("arn:") else arn(event, "cloudtrail", f"trail/{trail}"), "cloudtrail:trail"
    secret = said(detail, "additionalEventData", "SecretId") or said(asked, "secretId")
    if service == "secretsmanager.amazonaws.com" and secret.startswith("arn:"):
        return secret, "secretsmanager:secret"
    named = [said(one, "ARN") for one in _listed(detail.get("resources"))]
    resource = next((one for one in named if one.startswith("arn:")), "")
    return (resource, "aws:resource") if resource else (arn(event, "iam", "root", region=False), "account")


def open_rules(detail: dict[str, Any]) -> list[str]:
    """The ids of the rules that a call made and that let every address in, as its answer lists them."""
    return [
        said(rule, "securityGroupRuleId")
        for rule in _rules(detail)
        if (said(rule, "cidrIpv4") or said(rule, "cidrIpv6")).endswith("/0") and rule.get("isEgress") is not True
    ][:50]


def _group_answered(detail: dict[str, Any]) -> str:
    """The group that the answer names, where the call named it otherwise."""
    return next((group for rule in _rules(detail) if (group := said(rule, "groupId"))), "")


def _rules(detail: dict[str, Any]) -> list[Any]:
    return _listed(section(detail, "responseElements", "securityGroupRuleSet").get("items"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


handler = intake(DETECTOR, detect)
