"""Traces: an insight of X-Ray is a finding about the service at its root."""

from datetime import datetime
from typing import Any

from detect.envelope import Seen, arn, said, told
from detect.intake import Ignored, intake, section, text
from detect.kinds import Event, Kind, instant, read
from detect.resources import listed
from edsr.declare import Detector
from edsr.model import Finding
from edsr.policy import Policy

ROOTS = {
    "AWS::Lambda::Function": ("lambda", "function:{}", "lambda:function"),
    "AWS::Lambda": ("lambda", "function:{}", "lambda:function"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/{}", "dynamodb:table"),
    "AWS::SQS::Queue": ("sqs", "{}", "sqs:queue"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{}", "states:stateMachine"),
}
"""The types of services whose names make an ARN; others are known to X-Ray alone."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for an insight that is active; its own id is the episode, however often X-Ray looks at it again."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _insight(event: Event) -> Seen | Ignored:
    state = text(event, "detail", "State")
    if state not in ("ACTIVE", "CLOSED"):
        return Ignored(f"State is {state[:64]}")
    when = "EndTime" if state == "CLOSED" else "StartTime"
    detail, name = section(event, "detail"), text(event, "detail", "RootCauseServiceId", "Name")
    sorts = [one for one in listed(detail.get("Categories")) if isinstance(one, str)] or ["unnamed"]
    service, resource, kind = ROOTS.get(
        said(detail, "RootCauseServiceId", "Type"), ("xray", "service/{}", "xray:service")
    )
    clients = section(detail, "ClientRequestImpactStatistics")
    return Seen(
        arn=arn(event, service, resource.format(name)),
        kind=kind,
        condition=f"insight-{' '.join(sorts).lower()}"[:512],
        episode=text(event, "detail", "InsightId"),
        at=instant(detail.get(when), f"detail.{when}"),
        title=f"{name}: {said(detail, 'Summary')[:256] or 'an insight of X-Ray'}",
        evidence={
            "insight": said(detail, "InsightId"),
            "group": said(detail, "GroupName"),
            "summary": said(detail, "Summary"),
            "clients": {key: str(clients[key])[:32] for key in ("FaultCount", "TotalCount") if key in clients},
        },
        over="State is CLOSED" if state == "CLOSED" else "",
        same=("insight",),
    )


INSIGHT = "AWS X-Ray Insight Update"
KINDS = {INSIGHT: Kind("aws.xray", _insight)}

DETECTOR = Detector(
    source="traces",
    title="Insights of X-Ray while they are active, by the service at their root",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    recovers={INSIGHT: {"detail.State": ("CLOSED",)}},
)
handler = intake(DETECTOR, detect)
