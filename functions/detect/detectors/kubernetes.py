"""Kubernetes: a warning of a cluster, put on the bus as the cluster wrote it, is a finding about the workload."""

from datetime import datetime
from typing import Any

from detect.envelope import Seen, moment, said, told
from detect.intake import Ignored, intake, section, text
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy

EVENT = "Kubernetes Event"

DETECTOR = Detector(
    source="kubernetes",
    title="Warnings of EKS clusters: detail is {cluster: ARN, event: a v1 Event, owner: {kind, name} if known}",
    detail_types=(EVENT,),
    delivery="best-effort",
)
TIMES = (("lastTimestamp",), ("series", "lastObservedTime"), ("eventTime",), ("metadata", "creationTimestamp"))
"""Where a v1 Event may say when it was last seen, the best first; which of them are null depends on who wrote it."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for a Warning. The Event's own uid is the episode: it stays while its count goes up."""
    return told(_read(event), event, policy, now, DETECTOR.source)


def _read(event: dict[str, Any]) -> Seen | Ignored:
    """Nobody vouches for who sent it, so it counts only for clusters of the account that it was sent from."""
    if text(event, "source").startswith("aws."):
        return Ignored("AWS sends no such event")
    if (kind := text(event, "detail-type")) != EVENT:
        return Ignored(f"{kind[:64]!r} is not read")
    cluster = text(event, "detail", "cluster")
    if cluster.split(":")[2:5] != ["eks", text(event, "region"), text(event, "account")]:
        return Ignored(f"{cluster[:64]!r} is no cluster of the account and Region that sent it")
    if (kind := text(event, "detail", "event", "kind")) != "Event":
        return Ignored(f"{kind[:64]!r} is not an Event; each is sent by itself")
    if (level := text(event, "detail", "event", "type")) != "Warning":
        return Ignored(f"type is {level[:64]}")
    return _warning(event, cluster)


def _warning(event: dict[str, Any], cluster: str) -> Seen:
    said_by = section(event, "detail", "event")
    about, kind = _subject(event, cluster)
    reason = text(event, "detail", "event", "reason")
    return Seen(
        arn=about,
        kind=kind,
        condition=reason,
        episode=text(event, "detail", "event", "metadata", "uid"),
        at=_last_seen(event),
        title=f"{reason}: {about.partition('/')[2]}",
        evidence={
            "reason": reason,
            "message": said(said_by, "message"),
            "object": f"{said(said_by, 'involvedObject', 'kind')}/{said(said_by, 'involvedObject', 'name')}",
            "count": said_by["count"] if isinstance(said_by.get("count"), int) else 1,
        },
    )


def _subject(event: dict[str, Any], cluster: str) -> tuple[str, str]:
    """The workload that owns what the Event is about, where the sender knows it; else that itself. EKS gives neither
    an ARN, so they are named below their cluster's."""
    about = ("detail", "event", "involvedObject")
    kind, name = text(event, *about, "kind"), text(event, *about, "name")
    if kind == "Node":
        return f"{cluster}/node/{name}", "eks:node"
    space = text(event, *about, "namespace")
    if owner := section(event, "detail", "owner"):
        kind, name = text({"owner": owner}, "owner", "kind"), text({"owner": owner}, "owner", "name")
    return f"{cluster}/{space}/{kind.lower()}/{name}", "eks:workload" if owner else f"eks:{kind.lower()}"


def _last_seen(event: dict[str, Any]) -> datetime:
    for path in TIMES:
        if said(event, "detail", "event", *path):
            return moment(event, "detail", "event", *path)
    raise Malformed("detail.event says no time at all")


handler = intake(DETECTOR, detect)
