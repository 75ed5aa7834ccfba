"""CloudTrail: what was done, a sign-in, or what a service says of itself is a finding about what it touched."""

from datetime import datetime
from typing import Any

from detect.envelope import Seen, arn, moment, said, told
from detect.intake import Ignored, intake, section, text
from detect.touched import open_rules, touched
from edsr import pattern
from edsr.declare import Detector
from edsr.model import Finding
from edsr.policy import Policy

API_CALL, INSIGHT = "AWS API Call via CloudTrail", "AWS Insight via CloudTrail"
SIGN_IN = "AWS Console Sign In via CloudTrail"

DETECTOR = Detector(
    source="cloudtrail",
    title="CloudTrail: API calls and sign-ins that succeeded, or failed where the pattern asks for it; service events; "
    "Insights as they begin",
    detail_types=(
        API_CALL,
        "AWS Service Event via CloudTrail",
        SIGN_IN,
        "AWS Console Action via CloudTrail",
        INSIGHT,
    ),
    delivery="best-effort",
)
FAILURES = frozenset({"errorCode", "errorMessage", "ConsoleLogin"})
"""The fields by which a pattern asks for attempts that failed."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for what was done. CloudTrail's own event ID is the episode; of an Insight it is the shared one."""
    return told(_read(event, policy), event, policy, now, DETECTOR.source)


def _read(event: dict[str, Any], policy: Policy) -> Seen | Ignored:
    source, kind = text(event, "source"), text(event, "detail-type")
    if not source.startswith("aws."):
        return Ignored(f"{source[:64]!r} is not of AWS: anybody may send such an event")
    if kind not in DETECTOR.detail_types:
        return Ignored(f"{kind[:64]!r} is not read")
    detail = section(event, "detail")
    if _ours(event):
        return Ignored("the suite did it itself")
    if kind == INSIGHT:
        return _insight(event)
    if (failure := _failed(detail, kind)) and not _asked(event, policy):
        return Ignored(f"the call failed, so nothing was changed: {failure[:64]}")
    return _call(event)


def _ours(event: dict[str, Any]) -> bool:
    """Whether a role of the suite did it. A session's own ARN has lost the role's path; who issued it keeps the path.
    A role of the same path in another account is none of ours."""
    issuer = said(event, "detail", "userIdentity", "sessionContext", "sessionIssuer", "arn").split(":", 5)
    return len(issuer) == 6 and issuer[4] == said(event, "account") and issuer[5].startswith("role/edsr/")


def _failed(detail: dict[str, Any], kind: str) -> str:
    """Why a call or a sign-in failed; empty when it did not. What a service says of itself has errors as its news."""
    if kind == SIGN_IN and said(detail, "responseElements", "ConsoleLogin") == "Failure":
        return said(detail, "errorMessage") or "Failure"
    return said(detail, "errorCode") or said(detail, "errorMessage") if kind in (API_CALL, SIGN_IN) else ""


def _asked(event: dict[str, Any], policy: Policy) -> bool:
    """Whether the policy asks for this failure: with its own pattern, or with that of a step that comes before."""
    patterns = [one.pattern for one in (policy.detect, *policy.detect.steps)]
    return any(_names_failures(one) and pattern.compile(one).matches(event) for one in patterns)


def _names_failures(part: Any) -> bool:
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return (isinstance(part, dict) and not FAILURES.isdisjoint(part)) or any(map(_names_failures, inner))


def _call(event: dict[str, Any]) -> Seen:
    detail = section(event, "detail")
    name, service = text(event, "detail", "eventName"), text(event, "detail", "eventSource")
    resource, kind = touched(event, service)
    actor = said(detail, "userIdentity", "arn") or said(detail, "userIdentity", "invokedBy")
    evidence = {"call": name, "of": service, "by": actor, "from": said(detail, "sourceIPAddress")}
    evidence |= {"error": said(detail, "errorCode") or said(detail, "errorMessage"), "agent": said(detail, "userAgent")}
    evidence |= {"mfa": said(detail, "additionalEventData", "MFAUsed")} if service == "signin.amazonaws.com" else {}
    return Seen(
        arn=resource,
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


handler = intake(DETECTOR, detect)
