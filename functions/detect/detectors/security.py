"""Security: what GuardDuty, Security Hub, Inspector, Access Analyzer and Config find is about the resource."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from detect.configured import changed, compliance
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

QUIET_V2, PASSED_V2 = ("Suppressed", "Resolved", "Archived"), ("Pass", "Passed")
"""The same of the newer Security Hub, of which only `Pass` is a word of its framework."""

CLOSED, ENDED = ("CLOSED", "SUPPRESSED"), ("RESOLVED", "ARCHIVED")
"""How Inspector and Access Analyzer say it."""

DETECTOR = Detector(
    source="security",
    title="GuardDuty, Security Hub (ASFF and OCSF), Inspector, Access Analyzer: findings that are open; Config: what "
    "stopped complying, and what was changed",
    detail_types=(GUARDDUTY, IMPORTED, IMPORTED_V2, INSPECTOR, ACCESS, UNUSED, COMPLIANCE, CHANGED),
    delivery="best-effort",
    recovers={
        GUARDDUTY: {"detail.service.archived": (True,)},
        IMPORTED: {
            "detail.findings.RecordState": QUIET[:1],
            "detail.findings.Workflow.Status": QUIET[1:3],
            "detail.findings.Compliance.Status": QUIET[3:],
        },
        IMPORTED_V2: {"detail.findings.status": QUIET_V2, "detail.findings.compliance.status": PASSED_V2},
        INSPECTOR: {"detail.status": CLOSED},
        **{kind: {"detail.status": ENDED} for kind in (ACCESS, UNUSED)},
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
        over="the finding is archived" if section(detail, "service").get("archived") is True else "",
        same=("finding",),
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
    state, checked = said(one, "status"), said(one, "compliance", "status")
    over = next((word for word in (state, checked) if word.capitalize() in (*QUIET_V2, *PASSED_V2)), "")
    identity = text(one, "finding_info", "uid")
    first = first_of(one.get("resources"))
    touched = concerned(event, said(first, "uid"), said(first, "type"), said(one, "metadata", "product", "uid"))
    turn = said(one, "finding_info", "last_seen_time_dt") if checked else ""
    return Seen(
        arn=touched,
        kind=kind_of(touched),
        condition=(said(one, "compliance", "control") or text(one, "finding_info", "title"))[:256],
        episode=f"{identity} {turn}".strip(),
        at=moment(event, "time"),
        title=text(one, "finding_info", "title"),
        evidence={"finding": identity, "label": said(one, "severity"), "type": said(first, "type")},
        over=over and f"the finding is {over}",
        same=("finding",),
    )


def _inspector(event: Event) -> Seen | Ignored:
    """A weakness; it says its times in words of a locale, so that the event's own is taken."""
    detail = section(event, "detail")
    if (state := text(event, "detail", "status")) not in ("ACTIVE", *CLOSED):
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
        over=f"the finding is {state}" if state in CLOSED else "",
        same=("finding",),
    )


def _access(event: Event) -> Seen | Ignored:
    """Who may reach a resource, or what an identity may do and does not; told anew when it changes."""
    detail = section(event, "detail")
    if detail.get("isDeleted") is True:  # perhaps with its analyzer: nobody says that it is over
        return Ignored("the finding is deleted")
    if (state := text(event, "detail", "status")) not in ("ACTIVE", *ENDED):
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
        condition=said(detail, "findingType") if unused else SHARED[not public],
        episode=f"{identity} {iso(since.replace(microsecond=0))}",
        at=since,
        title=f"{touched} is open to {'everybody' if public else 'others'}",
        evidence={
            "finding": identity,
            "public": public,
            "allows": [a for a in listed(detail.get("action")) if isinstance(a, str)][:20],
        },
        over=f"the finding is {state}" if state in ENDED else "",
        also=SHARED,
        same=("finding",),
    )


SHARED = ("public-access", "external-access")
"""What Access Analyzer finds of a resource; which of them it was, a finding that is resolved need not say any more."""


KINDS = {
    GUARDDUTY: Kind("aws.guardduty", ("accountId",), ("region",), _guardduty),
    IMPORTED: Kind("aws.securityhub", ("AwsAccountId",), ("Region",), _imported),
    IMPORTED_V2: Kind("aws.securityhub", ("cloud", "account", "uid"), ("cloud", "region"), _imported_v2),
    INSPECTOR: Kind("aws.inspector2", ("awsAccountId",), ("region",), _inspector),
    ACCESS: Kind("aws.access-analyzer", ("accountId",), ("region",), _access),
    UNUSED: Kind("aws.access-analyzer", ("accountId",), ("region",), _access),
    COMPLIANCE: Kind("aws.config", ("awsAccountId",), ("awsRegion",), compliance),
    CHANGED: Kind("aws.config", ("configurationItem", "awsAccountId"), ("configurationItem", "awsRegion"), changed),
}

handler = intake(DETECTOR, detect)
