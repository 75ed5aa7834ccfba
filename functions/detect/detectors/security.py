"""Security: what GuardDuty, Security Hub, Inspector, Access Analyzer and Config find is about the resource."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from detect.envelope import Seen, moment, said, told, unread
from detect.intake import Ignored, intake, section, text
from detect.resources import attacked, concerned, first_of, listed
from edsr.declare import Detector
from edsr.kinds import kind_of
from edsr.model import Finding
from edsr.policy import Policy
from edsr.times import iso

Event = dict[str, Any]
Reader = Callable[[Event], Seen | Ignored]


class Kind(NamedTuple):
    """One kind of event: who sends it, where it says which account and Region it is about, how to read it."""

    source: str
    account: tuple[str, ...]
    region: tuple[str, ...]
    read: Reader


GUARDDUTY, INSPECTOR = "GuardDuty Finding", "Inspector2 Finding"
IMPORTED, IMPORTED_V2 = "Security Hub Findings - Imported", "Findings Imported V2"
ACCESS, UNUSED = "Access Analyzer Finding", "Unused Access Finding for IAM entities"
EXTERNAL = "ExternalAccess"
COMPLIANCE, CHANGED = "Config Rules Compliance Change", "Config Configuration Item Change"

QUIET = ("ARCHIVED", "SUPPRESSED", "RESOLVED", "PASSED")
"""How Security Hub says that a finding needs nobody any more: of its record, its workflow (twice), its check."""

DETECTOR = Detector(
    source="security",
    title="GuardDuty, Security Hub (ASFF and OCSF), Inspector, Access Analyzer: findings that are open; Config: what "
    "stopped complying, and what was changed",
    detail_types=(GUARDDUTY, IMPORTED, IMPORTED_V2, INSPECTOR, ACCESS, UNUSED, COMPLIANCE, CHANGED),
    delivery="best-effort",
    recovers={
        IMPORTED: {
            "detail.findings.RecordState": QUIET[:1],
            "detail.findings.Workflow.Status": QUIET[1:3],
            "detail.findings.Compliance.Status": QUIET[3:],
        },
        COMPLIANCE: {"detail.newEvaluationResult.complianceType": ("COMPLIANT",)},
    },
)


def detect(event: Event, policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for what is open; the finding's own id, and where it can open again its turn, is the episode.

    An administrator's account gets those of its members: the finding is about the account that it names."""
    if other := unread(event, {name: kind.source for name, kind in KINDS.items()}):
        return other
    kind = KINDS[text(event, "detail-type")]
    place = {"account": said(_one(event), *kind.account), "region": said(_one(event), *kind.region)}
    about = {**event, **{name: value for name, value in place.items() if value}}
    return told(kind.read(about), about, policy, now, DETECTOR.source)


def _one(event: Event) -> dict[str, Any]:
    """What a finding's service says of it. Security Hub sends a list, in which there is always one."""
    detail = section(event, "detail")
    return first_of(detail.get("findings")) or detail


def _guardduty(event: Event) -> Seen | Ignored:
    """It is told again, under the same id, each time that it goes on."""
    detail = section(event, "detail")
    if section(detail, "service").get("archived") is True:
        return Ignored("the finding is archived")
    if section(detail, "service", "additionalInfo").get("sample") is True:
        return Ignored("the finding is a sample")
    touched = attacked(event, section(detail, "resource"))
    key = said(detail, "resource", "accessKeyDetails", "accessKeyId")
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=text(event, "detail", "type"),
        episode=text(event, "detail", "id"),
        at=moment(event, "detail", "updatedAt"),
        title=said(detail, "title") or text(event, "detail", "type"),
        evidence={
            "finding": said(detail, "arn"),
            "score": str(detail.get("severity", ""))[:8],
            **({"key": key} if key else {}),
        },
    )


def _imported(event: Event) -> Seen | Ignored:
    """A finding in AWS's own format. A control's finding stays the same one when it fails again, at another time."""
    one = _one(event)
    compliance = said(one, "Compliance", "Status")
    if compliance == "NOT_AVAILABLE":
        return Ignored(f"the finding is {compliance}")
    stands = (said(one, "RecordState"), said(one, "Workflow", "Status"), compliance)
    over = next((f"the finding is {state}" for state in stands if state in QUIET), "")
    identity, first = text(one, "Id"), first_of(one.get("Resources"))
    touched = concerned(event, said(first, "Id"), said(first, "Type"), said(one, "ProductArn"))
    turn = said(one, "LastObservedAt") if compliance else ""
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=(said(one, "Compliance", "SecurityControlId") or said(one, "GeneratorId") or text(one, "Title"))[
            :256
        ],
        episode=f"{identity} {turn}".strip(),
        at=moment(one, "UpdatedAt"),
        title=said(one, "Title") or identity,
        evidence={"finding": identity, "label": said(one, "Severity", "Label"), "type": said(first, "Type")},
        over=over,
        same=("finding",),
    )


def _imported_v2(event: Event) -> Seen | Ignored:
    """The same of the newer Security Hub, in the Open Cybersecurity Schema Framework."""
    one = _one(event)
    compliance = said(one, "compliance", "status")
    if (state := said(one, "status")).lower() in ("suppressed", "resolved", "archived"):
        return Ignored(f"the finding is {state}")
    if compliance.lower() in ("pass", "passed"):
        return Ignored(f"the finding is {compliance}")
    identity = text(one, "finding_info", "uid")
    first = first_of(one.get("resources"))
    touched = concerned(event, said(first, "uid"), said(first, "type"), said(one, "metadata", "product", "uid"))
    turn = said(one, "finding_info", "last_seen_time_dt") if compliance else ""
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=(said(one, "compliance", "control") or text(one, "finding_info", "title"))[:256],
        episode=f"{identity} {turn}".strip(),
        at=moment(event, "time"),
        title=text(one, "finding_info", "title"),
        evidence={"finding": identity, "label": said(one, "severity"), "type": said(first, "type")},
    )


def _inspector(event: Event) -> Seen | Ignored:
    """A weakness; it says its times in words of a locale, so that the event's own is taken."""
    detail = section(event, "detail")
    if (state := text(event, "detail", "status")) != "ACTIVE":
        return Ignored(f"the finding is {state[:64]}")
    first = first_of(detail.get("resources"))
    finding = text(event, "detail", "findingArn")
    touched = concerned(event, said(first, "id"), said(first, "type"), finding)
    weakness = said(detail, "packageVulnerabilityDetails", "vulnerabilityId")
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=weakness or text(event, "detail", "type"),
        episode=finding,
        at=moment(event, "time"),
        title=said(detail, "title") or finding,
        evidence={"finding": finding, "label": said(detail, "severity"), "type": said(first, "type")},
    )


def _access(event: Event) -> Seen | Ignored:
    """Who may reach a resource, or what an identity may do and does not; told anew when it changes."""
    detail = section(event, "detail")
    if detail.get("isDeleted") is True:
        return Ignored("the finding is deleted")
    if (state := text(event, "detail", "status")) != "ACTIVE":
        return Ignored(f"the finding is {state[:64]}")
    if problem := said(detail, "error"):
        return Ignored(f"the resource could not be looked at: {problem[:64]}")
    identity, since = text(event, "detail", "id"), moment(event, "detail", "updatedAt")
    touched = concerned(event, text(event, "detail", "resource"), said(detail, "resourceType"), "")
    public = detail.get("isPublic") is True
    unused = said(detail, "findingType") not in ("", EXTERNAL)
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=said(detail, "findingType") if unused else "public-access" if public else "external-access",
        episode=f"{identity} {iso(since.replace(microsecond=0))}",
        at=since,
        title=f"{touched} is open to {'everybody' if public else 'others'}",
        evidence={
            "finding": identity,
            "public": public,
            "allows": [a for a in listed(detail.get("action")) if isinstance(a, str)][:20],
        },
    )


def _compliance(event: Event) -> Seen | Ignored:
    """A resource that a rule of Config looked at anew; it is told only when the answer changed."""
    new = ("detail", "newEvaluationResult")
    if (state := text(event, *new, "complianceType")) not in ("NON_COMPLIANT", "COMPLIANT"):
        return Ignored(f"the resource is {state[:64]}")
    rule, resource = text(event, "detail", "configRuleName"), text(event, "detail", "resourceId")
    touched = concerned(event, resource, text(event, "detail", "resourceType"), text(event, "detail", "configRuleARN"))
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=rule,
        episode=f"{rule} {text(event, *new, 'resultRecordedTime')}",
        at=moment(event, *new, "resultRecordedTime"),
        title=f"{resource} does not comply with {rule}",
        evidence={"rule": rule, "resource": resource, "type": text(event, "detail", "resourceType")},
        over="the resource is COMPLIANT" if state == "COMPLIANT" else "",
    )


def _changed(event: Event) -> Seen | Ignored:
    """A resource whose configuration is another one now; what it is now and was before stays with Config."""
    item = ("detail", "configurationItem")
    since, change = text(event, *item, "configurationItemCaptureTime"), said(event, "detail", *DIFF)
    touched = concerned(
        event, said(event, *item, "ARN") or text(event, *item, "resourceId"), said(event, *item, TYPE), ""
    )
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=f"configuration-{(change or 'change').lower()}",
        episode=since,
        at=moment(event, *item, "configurationItemCaptureTime"),
        title=f"the configuration of {touched} was changed",
        evidence={"type": said(event, *item, TYPE), "resource": said(event, *item, "resourceId")},
    )


DIFF, TYPE = ("configurationItemDiff", "changeType"), "resourceType"


KINDS = {
    GUARDDUTY: Kind("aws.guardduty", ("accountId",), ("region",), _guardduty),
    IMPORTED: Kind("aws.securityhub", ("AwsAccountId",), ("Region",), _imported),
    IMPORTED_V2: Kind("aws.securityhub", ("cloud", "account", "uid"), ("cloud", "region"), _imported_v2),
    INSPECTOR: Kind("aws.inspector2", ("awsAccountId",), ("region",), _inspector),
    ACCESS: Kind("aws.access-analyzer", ("accountId",), ("region",), _access),
    UNUSED: Kind("aws.access-analyzer", ("accountId",), ("region",), _access),
    COMPLIANCE: Kind("aws.config", ("awsAccountId",), ("awsRegion",), _compliance),
    CHANGED: Kind("aws.config", ("configurationItem", "awsAccountId"), ("configurationItem", "awsRegion"), _changed),
}

handler = intake(DETECTOR, detect)
