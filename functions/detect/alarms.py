"""Alarms: what CloudWatch says when one changes its state, and which resource it is about."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from detect.envelope import Seen, arn, moment, said
from detect.intake import Ignored, section, text
from detect.kinds import Event, Kind
from detect.resources import listed
from edsr.errors import Malformed
from edsr.kinds import kind_of
from edsr.times import iso, parse

RECOVERED = ("OK",)
ALARM, CONTRIBUTOR = "CloudWatch Alarm State Change", "CloudWatch Alarm Contributor State Change"


class Metered(NamedTuple):
    """A kind of resource, by the dimensions of its metrics; a global one has no Region in its ARN."""

    dimensions: tuple[str, ...]
    service: str
    resource: str
    kind: str
    everywhere: bool = False


BALANCER = (Metered(("LoadBalancer",), "elasticloadbalancing", "loadbalancer/{}", "elasticloadbalancing:loadbalancer"),)
METERED = {
    "AWS/SQS": (Metered(("QueueName",), "sqs", "{}", "sqs:queue"),),
    "AWS/EC2": (Metered(("InstanceId",), "ec2", "instance/{}", "ec2:instance"),),
    "AWS/ECS": (Metered(("ClusterName", "ServiceName"), "ecs", "service/{}/{}", "ecs:service"),),
    "AWS/RDS": (
        Metered(("DBInstanceIdentifier",), "rds", "db:{}", "rds:db"),
        Metered(("DBClusterIdentifier",), "rds", "cluster:{}", "rds:cluster"),
    ),
    "AWS/DynamoDB": (Metered(("TableName",), "dynamodb", "table/{}", "dynamodb:table"),),
    "AWS/Kinesis": (Metered(("StreamName",), "kinesis", "stream/{}", "kinesis:stream"),),
    "AWS/Firehose": (Metered(("DeliveryStreamName",), "firehose", "deliverystream/{}", "firehose:deliverystream"),),
    "AWS/SNS": (Metered(("TopicName",), "sns", "{}", "sns:topic"),),
    "AWS/ApplicationELB": BALANCER,
    "AWS/NetworkELB": BALANCER,
    "AWS/CloudFront": (Metered(("DistributionId",), "cloudfront", "distribution/{}", "cloudfront:distribution", True),),
}
"""By namespace. Metrics of other namespaces name nothing from which an ARN follows: MSK, WAF, usage, billing."""

WHOLE = {"AWS/States": "StateMachineArn", "AWS/DDoSProtection": "ResourceArn"}
"""The namespaces whose metrics name a resource by its whole ARN."""

SPACE = re.compile(r'(?:FROM|SCHEMA\()\s*"([\w/.-]{1,255})"')
"""Which namespace a query of Metrics Insights is about."""

MOST = 10
"""How many of the alarms that set off a composite one are kept as evidence."""


def seen(event: Event, spaces: frozenset[str] = frozenset()) -> Seen | Ignored:
    """A transition into ALARM, or back to OK; its own timestamp is the episode: every copy has the same.

    Where `spaces` are given, alarms that watch no metric of these namespaces are ignored. What its operators muted or
    suppressed is ignored as well: they do not want it acted upon.
    """
    detail = section(event, "detail")
    state = text(event, "detail", "state", "value")
    if state not in ("ALARM", *RECOVERED):
        return Ignored(f"the alarm went to {state[:64]}")
    over = f"the alarm went to {state}" if state in RECOVERED else ""
    name = text(event, "detail", "alarmName")
    since = moment(event, "detail", "state", "timestamp")
    alarm = _named(event)
    if not over and (quiet := said(detail, "state", "actionsSuppressedBy") or said(detail, "muteDetail", "mutedByArn")):
        return Ignored(f"the alarm's actions are suppressed by {quiet}")
    metrics = [*_metrics(detail)]
    if spaces and not spaces & {space for space, _ in metrics}:
        return Ignored("the alarm watches no such metric")
    about, kind = _about(metrics, event, alarm)
    part = said(detail, "alarmContributor", "id")
    return Seen(
        arn=about,
        kind=kind,
        condition=f"{name} {part}" if part else name,
        episode=iso(since),
        at=since,
        title=f"{name} is in ALARM",
        evidence={
            "alarm": name,
            "alarm_arn": alarm,
            "reason": said(detail, "state", "reason"),
            "previous": said(detail, "previousState", "value"),
            **({"measured_since": begun} if (begun := _begun(detail)) else {}),
            **({"set_off_by": causes} if (causes := _causes(detail)) else {}),
        },
        over=over,
        same=("alarm_arn",),
    )


def kinds(*spaces: str) -> dict[str, Kind]:
    """The alarms that watch metrics of some namespaces, for a detector that reads others' events besides."""
    return {ALARM: Kind("aws.cloudwatch", lambda event: seen(event, frozenset(spaces)))}


OVER = {ALARM: {"detail.state.value": RECOVERED}}
"""Where an alarm says that it is over, as a detector declares it."""


def _named(event: Event) -> str:
    for one in listed(event.get("resources"))[:1]:
        if isinstance(one, str) and one.startswith("arn:"):
            return one
    raise Malformed("the event's resources do not name the alarm")


def _metrics(detail: Event) -> Iterator[tuple[str, dict[str, Any]]]:
    """The namespace and dimensions of each metric. Composite alarms have none, math has no `metricStat`, and of a
    query only the namespace is known, and for one of its contributors its dimensions."""
    for query in listed(section(detail, "configuration").get("metrics")):
        metric = section(query, "metricStat", "metric")
        if space := said(metric, "namespace"):
            yield space, section(metric, "dimensions")
        elif space_of_query := SPACE.search(said(query, "expression")):
            yield space_of_query[1], section(detail, "alarmContributor", "attributes")


def _about(metrics: list[tuple[str, dict[str, Any]]], event: Event, alarm: str) -> tuple[str, str]:
    """The one resource whose metrics the alarm watches; the alarm itself where there is none, or several."""
    found = {one for space, dimensions in metrics if (one := _resource(space, dimensions, event))}
    return found.pop() if len(found) == 1 else (alarm, "cloudwatch:alarm")


def _resource(space: str, dimensions: dict[str, Any], event: Event) -> tuple[str, str] | None:
    if space == "AWS/Lambda":
        return _function(dimensions, event)
    if space in WHOLE:
        whole = said(dimensions, WHOLE[space])
        return (whole, kind_of(whole)) if whole.startswith("arn:") and whole.count(":") >= 5 else None
    for one in METERED.get(space, ()):
        if all(values := [said(dimensions, name) for name in one.dimensions]):
            return arn(event, one.service, one.resource.format(*values), region=not one.everywhere), one.kind
    return None


def _function(dimensions: dict[str, Any], event: Event) -> tuple[str, str] | None:
    if not (function := said(dimensions, "FunctionName")):
        return None
    whole = arn(event, "lambda", f"function:{function}")
    name, _, alias = said(dimensions, "Resource").partition(":")
    return (f"{whole}:{alias}", "lambda:alias") if alias and name == function else (whole, "lambda:function")


def _causes(detail: Event) -> list[str]:
    """The alarms that set off a composite one, as the reason's own data names them."""
    return [name for one in listed(_reason(detail).get("triggeringAlarms"))[:MOST] if (name := said(one, "arn"))]


def _begun(detail: Event) -> str:
    """When the first of the figures began by which a metric's alarm was judged; empty when it does not say."""
    begun = said(_reason(detail), "startDate")
    try:
        return iso(parse(begun)) if begun else ""
    except ValueError:
        return ""


def _reason(detail: Event) -> Event:
    """The data beside the reason, which is JSON within the JSON; empty when there is none."""
    try:
        reason = json.loads(section(detail, "state").get("reasonData") or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return reason if isinstance(reason, dict) else {}
