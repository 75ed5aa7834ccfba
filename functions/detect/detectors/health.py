"""Health: what AWS says of its services, instances, groups and databases, and of quotas that are used up."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from detect import alarms
from detect.envelope import Seen, arn, first_arn, moment, said, told
from detect.intake import Ignored, intake, section, text
from detect.kinds import ANY_OF_AWS, Event, Kind, of_suite, read
from detect.resources import listed
from edsr.declare import Detector
from edsr.kinds import kind_of
from edsr.model import Finding
from edsr.policy import Policy
from edsr.times import iso

GONE = ("stopped", "terminated")
TROUBLE = ("failure", "failover", "low storage", "availability")
"""The categories of RDS's events that are trouble; recovery, maintenance, backup and notification are none."""

THROTTLED = ("Throttl", "RequestLimitExceeded", "TooManyRequests", "LimitExceeded", "SlowDown")
MOST = 50
"""How many of the entities that a page names are kept as evidence."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding about what is affected, in the account and Region that are: not always those that sent the event."""
    about = _placed(event) if said(event, "source") == "aws.health" else event
    return told(read(about, KINDS), about, policy, now, DETECTOR.source)


def _placed(event: Event) -> Event:
    """AWS Health's backup copies are sent in another Region, and an organization's events to another account."""
    place = {"region": said(event, "detail", "eventRegion"), "account": said(event, "detail", "affectedAccount")}
    return {**event, **{name: value for name, value in place.items() if value}}


def _health(event: Event) -> Seen | Ignored:
    """One page of one communication. A backup copy is the same page; another page is another part of what happened."""
    detail, code = section(event, "detail"), text(event, "detail", "eventTypeCode")
    over = "statusCode is closed" if said(detail, "statusCode") == "closed" else ""
    entities = [name for one in listed(detail.get("affectedEntities")) if (name := said(one, "entityValue"))]
    about, kind = _affected(event, said(detail, "service"), entities)
    return Seen(
        arn=about,
        kind=kind,
        condition=code,
        episode=_page(event),
        at=moment(event, "time"),
        title=f"AWS Health: {code}",
        evidence={
            "event": said(detail, "eventArn"),
            "category": said(detail, "eventTypeCategory"),
            "service": said(detail, "service"),
            "page": f"{said(detail, 'page') or '1'} of {said(detail, 'totalPages') or '1'}",
            "begins": _rfc(said(detail, "startTime")),
            "entities": [name[:128] for name in entities[:MOST]],
        },
        over=over,
        same=("event",),
    )


def _page(event: Event) -> str:
    """Which communication about which event, and which page of it: told by its own moment, because the sweep, which
    asks the API, is told no communication's id. That stands in where there is no moment; events of earlier days have
    neither."""
    detail, page = section(event, "detail"), said(event, "detail", "page") or "1"
    happening = text(event, "detail", "eventArn").rsplit("/", 1)[-1][-160:]
    if updated := _rfc(said(detail, "lastUpdatedTime")):
        return f"{happening} {updated[:64]} {page}"
    if identity := said(detail, "communicationId")[:240]:
        return identity if identity.endswith(f"-{page}") else f"{identity}-{page}"
    return f"{happening} {said(detail, 'startTime') or said(event, 'time')}"[:256]


def _affected(event: Event, service: str, entities: list[str]) -> tuple[str, str]:
    """The one resource that is affected, where it has an ARN; else the account."""
    only = entities[0] if len(entities) == 1 else ""
    if only.startswith("arn:") and only.count(":") >= 5:
        return only, kind_of(only)
    if service == "EC2" and only.startswith("i-"):
        return arn(event, "ec2", f"instance/{only}"), "ec2:instance"
    return _account(event)


def _account(event: Event) -> tuple[str, str]:
    return arn(event, "iam", "root", region=False), "account"


def _rfc(value: str) -> str:
    """`Sat, 05 Jun 2016 15:10:09 GMT` as all other times are written; as it stands when it is none."""
    try:
        found = parsedate_to_datetime(value)
        return iso(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (TypeError, ValueError, OverflowError):
        return value


def _instance(event: Event) -> Seen | Ignored:
    """An instance that is there no more, whoever ended it."""
    state = text(event, "detail", "state").lower()
    if state not in GONE:
        return Ignored(f"state is {state[:64]}")
    return _of_instance(event, f"instance-{state}", f"is {state}")


def _interrupted(event: Event) -> Seen:
    action = said(event, "detail", "instance-action")
    return _of_instance(event, "spot-interruption", f"will be interrupted: {action or 'it is not said how'}")


def _at_risk(event: Event) -> Seen:
    return _of_instance(event, "rebalance-recommendation", "is at elevated risk of interruption")


def _of_instance(event: Event, condition: str, what: str) -> Seen:
    """EC2 gives what it says of an instance no identity but its moment."""
    instance, since = text(event, "detail", "instance-id").strip(), moment(event, "time")
    return Seen(
        arn=arn(event, "ec2", f"instance/{instance}"),
        kind="ec2:instance",
        condition=condition,
        episode=iso(since),
        at=since,
        title=f"{instance} {what}",
        evidence={"instance": instance, "action": said(event, "detail", "instance-action")},
    )


def _scaling(event: Event) -> Seen:
    """A launch, termination or refresh that an Auto Scaling group could not finish."""
    what = text(event, "detail-type").removeprefix("EC2 ").removeprefix("Auto Scaling ").lower().replace(" ", "-")
    detail, group = section(event, "detail"), first_arn(event, "autoscaling")
    return Seen(
        arn=group,
        kind="autoscaling:autoScalingGroup",
        condition=what,
        episode=said(detail, "ActivityId") or text(event, "detail", "InstanceRefreshId"),
        at=moment(event, "time"),
        title=f"{text(event, 'detail', 'AutoScalingGroupName')}: {what.replace('-', ' ')}",
        evidence={
            "message": said(detail, "StatusMessage"),
            "cause": said(detail, "Cause"),
            "instance": said(detail, "EC2InstanceId"),
        },
    )


def _database(event: Event) -> Seen | Ignored:
    detail = section(event, "detail")
    named = [one for one in listed(detail.get("EventCategories")) if isinstance(one, str)]
    if not (bad := [one for one in named if one in TROUBLE]):
        return Ignored(f"EventCategories are {', '.join(named)[:64] or 'none'}")
    about, since = text(event, "detail", "SourceArn"), moment(event, "detail", "Date")
    return Seen(
        arn=about,
        kind=kind_of(about),
        condition=said(detail, "EventID") or bad[0],
        episode=iso(since),
        at=since,
        title=f"{about.rsplit(':', 1)[-1]}: {said(detail, 'Message')[:256]}",
        evidence={"categories": ", ".join(named)[:512], "message": said(detail, "Message")},
    )


def _quota(event: Event) -> Seen | Ignored:
    """A quota of which Trusted Advisor says that little is left: at each refresh, which counts once a day."""
    item = section(event, "detail", "check-item-detail")
    if not said(item, "Limit Amount") or not said(item, "Current Usage"):
        return Ignored("the check is not about a quota")
    if (status := text(event, "detail", "status")) not in ("WARN", "ERROR", "OK"):
        return Ignored(f"status is {status[:64]}")
    quota, since = said(item, "Limit Name") or text(event, "detail", "check-name"), moment(event, "time")
    service, place = said(item, "Service") or "unnamed", said(item, "Region")
    return Seen(
        arn=arn(event, "servicequotas", f"{service}/{place.strip('-') or 'everywhere'}/{quota}".replace(" ", "-")),
        kind="servicequotas:quota",
        condition=f"quota-{'reached' if status == 'ERROR' else 'near'}",
        episode=f"{since:%Y-%m-%d}",
        at=since,
        title=f"{said(item, 'Current Usage')} of {said(item, 'Limit Amount')} used: {service} {quota} {place}".strip(),
        evidence={"used": said(item, "Current Usage"), "limit": said(item, "Limit Amount"), "in": place},
        over="status is OK" if status == "OK" else "",
        also=("quota-reached",),
    )


def _throttled(event: Event) -> Seen | Ignored:
    """A call that was throttled; each is one, so that a policy counts them."""
    detail = section(event, "detail")
    identity = section(detail, "userIdentity")
    if of_suite(said(identity, "arn"), said(identity, "sessionContext", "sessionIssuer", "arn")):
        return Ignored("the suite did it itself")
    error = said(detail, "errorCode").removeprefix("Client.").removeprefix("Server.")
    if not error.startswith(THROTTLED):
        return Ignored(f"the call was not throttled: {error[:64] or 'it succeeded'}")
    call = f"{text(event, 'detail', 'eventSource')}:{text(event, 'detail', 'eventName')}"
    about, kind = _account(event)
    return Seen(
        arn=about,
        kind=kind,
        condition=f"throttled {call}",
        episode=text(event, "detail", "eventID"),
        at=moment(event, "detail", "eventTime"),
        title=f"{call} is throttled: {error}",
        evidence={"call": call, "error": error, "by": said(identity, "arn")},
    )


QUOTA = "Trusted Advisor Check Item Refresh Notification"
KINDS = {
    **alarms.kinds("AWS/Usage", "AWS/TrustedAdvisor"),
    "AWS Health Event": Kind("aws.health", _health),
    "AWS Health Abuse Event": Kind("aws.health", _health),
    "EC2 Instance State-change Notification": Kind("aws.ec2", _instance),
    "EC2 Spot Instance Interruption Warning": Kind("aws.ec2", _interrupted),
    "EC2 Instance Rebalance Recommendation": Kind("aws.ec2", _at_risk),
    "EC2 Instance Launch Unsuccessful": Kind("aws.autoscaling", _scaling),
    "EC2 Instance Terminate Unsuccessful": Kind("aws.autoscaling", _scaling),
    "EC2 Auto Scaling Instance Refresh Failed": Kind("aws.autoscaling", _scaling),
    "RDS DB Instance Event": Kind("aws.rds", _database),
    "RDS DB Cluster Event": Kind("aws.rds", _database),
    QUOTA: Kind("aws.trustedadvisor", _quota),
    "AWS API Call via CloudTrail": Kind(ANY_OF_AWS, _throttled),
}

DETECTOR = Detector(
    source="health",
    title="AWS Health, page by page; instances, spot, Auto Scaling groups and databases in trouble; quotas nearly used "
    "up, and calls that were throttled",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    recovers={
        **alarms.OVER,
        **{kind: {"detail.statusCode": ("closed",)} for kind in ("AWS Health Event", "AWS Health Abuse Event")},
        QUOTA: {"detail.status": ("OK",)},
    },
)
handler = intake(DETECTOR, detect)
