"""Kubernetes: what a cluster warns of, and what its audit log says was done, is a finding about a workload or node."""

import re
from datetime import datetime
from typing import Any

from detect.envelope import Seen, arn, moment, said, told
from detect.forwarded import line
from detect.intake import Ignored, intake, section, text
from detect.kinds import TEAMS, Kind, of_suite, read
from detect.resources import listed
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.signal import LOG_EVENT

EVENT = "Kubernetes Event"

NODE_IN_TROUBLE = (
    *("NodeNotReady", "NodeNotSchedulable", "NodeHasDiskPressure", "NodeHasInsufficientMemory"),
    *("NodeHasInsufficientPID", "TaintManagerEviction"),
)
"""What Kubernetes tells as Normal, though it is trouble: it warns of what containers do, not of what nodes do."""

AUDITED = re.compile(r"/aws/eks/([^/]{1,100})/cluster")
"""The log group of a cluster's control plane."""

TIMES = (("lastTimestamp",), ("series", "lastObservedTime"), ("eventTime",), ("metadata", "creationTimestamp"))
"""Where a v1 Event may say when it was last seen, the best first; which of them are null depends on who wrote it."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for a Warning. The Event's own uid is the episode: it stays while its count goes up."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _event(event: dict[str, Any]) -> Seen | Ignored:
    """Nobody vouches for who sent it, so it counts only for clusters of the account that it was sent from."""
    cluster = text(event, "detail", "cluster")
    if cluster.split(":")[2:5] != ["eks", text(event, "region"), text(event, "account")]:
        return Ignored(f"{cluster[:64]!r} is no cluster of the account and Region that sent it")
    if (kind := text(event, "detail", "event", "kind")) != "Event":
        return Ignored(f"{kind[:64]!r} is not an Event; each is sent by itself")
    level, reason = text(event, "detail", "event", "type"), text(event, "detail", "event", "reason")
    if level != "Warning" and reason not in NODE_IN_TROUBLE:
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


def _audited(event: dict[str, Any]) -> Seen | Ignored:
    """A request that a cluster's API server answered, as its audit log says: taints, evictions and every other."""
    found = line(event)
    if isinstance(found, Ignored):
        return found
    group = AUDITED.fullmatch(found.group)
    if not group or not said(found.value, "auditID"):
        return Ignored("the line is not of a cluster's audit log")
    if (stage := said(found.value, "stage")) != "ResponseComplete":
        return Ignored(f"stage is {stage[:64] or 'unknown'}")
    code = section(found.value, "responseStatus").get("code")
    if not isinstance(code, int) or code >= 400:
        return Ignored(f"the request failed, so nothing was changed: {str(code)[:16]}")
    who = section(found.value, "user", "extra")
    if of_suite(*(str(who.get(key)) for key in ("arn", "canonicalArn"))):
        return Ignored("the suite did it itself")
    return _request(event, f"cluster/{group[1]}", found.value)


def _request(event: dict[str, Any], cluster: str, told_of: dict[str, Any]) -> Seen:
    about = section(told_of, "objectRef")
    sort, name, space = said(about, "resource"), said(about, "name"), said(about, "namespace")
    part = f"{sort}/{said(about, 'subresource')}".rstrip("/")
    verb, by = said(told_of, "verb"), said(told_of, "user", "username")
    taints = [said(one, "key") for one in listed(section(told_of, "requestObject", "spec").get("taints"))]
    what = "node-tainted" if sort == "nodes" and taints else f"{verb} {part}"
    if sort == "nodes" and name:
        resource, kind = f"{cluster}/node/{name}", "eks:node"
    elif sort and name:
        resource, kind = f"{cluster}/{space or 'everywhere'}/{sort.removesuffix('s')}/{name}", "eks:object"
    else:
        resource, kind = cluster, "eks:cluster"
    return Seen(
        arn=arn(event, "eks", resource),
        kind=kind,
        condition=what,
        episode=said(told_of, "auditID"),
        at=moment(told_of, "stageTimestamp"),
        title=f"{what}: {name or cluster} by {by or 'nobody it names'}",
        evidence={"verb": verb, "of": part, "by": by, "taints": taints[:20], "uri": said(told_of, "requestURI")},
    )


def _fargate(event: dict[str, Any]) -> Seen:
    """A pod on Fargate that AWS will end, because it could not evict it."""
    detail = section(event, "detail")
    place = f"cluster/{text(event, 'detail', 'clusterName')}/{text(event, 'detail', 'podNamespace')}"
    return Seen(
        arn=arn(event, "eks", f"{place}/pod/{text(event, 'detail', 'podName')}"),
        kind="eks:pod",
        condition="pod-termination-scheduled",
        episode=text(event, "detail", "scheduledTerminationTime"),
        at=moment(event, "time"),
        title=f"{text(event, 'detail', 'podName')} will be ended: {said(detail, 'evictErrorMessage')[:256]}",
        evidence={"when": said(detail, "scheduledTerminationTime"), "why": said(detail, "evictErrorMessage")},
    )


KINDS = {
    EVENT: Kind(TEAMS, _event),
    LOG_EVENT: Kind(TEAMS, _audited),
    "EKS Fargate Pod Scheduled Termination": Kind("aws.eks", _fargate),
}

DETECTOR = Detector(
    source="kubernetes",
    title="Warnings of EKS clusters: detail is {cluster: ARN, event: a v1 Event, owner: {kind, name} if known}; nodes "
    "in trouble; what a cluster's audit log says was done",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    forwarded=(EVENT, LOG_EVENT),
)
handler = intake(DETECTOR, detect)
