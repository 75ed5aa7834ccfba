"""Custom: what a team, or a tool of its own, says is wrong, by the published contract."""

from datetime import datetime
from typing import Any

from pydantic import ValidationError

from detect.envelope import Seen, said, told
from detect.intake import Ignored, intake, text
from detect.kinds import TEAMS, Event, Kind, read
from edsr.declare import Detector
from edsr.errors import Malformed
from edsr.model import Finding
from edsr.policy import Policy
from edsr.signal import DETAIL_TYPE, Signal

SUITE = "edsr"
"""Whose announcements are on the same bus."""


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for a problem; the sender's own identity of it is the episode, however often it is sent."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


def _signal(event: Event) -> Seen | Ignored:
    """Nobody vouches for who sent it, so it counts only for what is of the account that it was sent from."""
    if text(event, "source") == SUITE:
        return Ignored("the suite did it itself")
    try:
        signal = Signal.model_validate(event.get("detail"))
    except ValidationError as exc:
        first = exc.errors()[0]
        raise Malformed(f"detail.{'.'.join(map(str, first['loc']))[:64]}: {first['msg'][:256]}") from exc
    parts = signal.subject.arn.split(":")
    if parts[4:5] not in ([text(event, "account")], [""]) or parts[3] not in (text(event, "region"), ""):
        return Ignored(f"{signal.subject.arn[:64]!r} is not of the account and Region that sent it")
    return Seen(
        arn=signal.subject.arn,
        kind=signal.subject.kind,
        condition=signal.condition,
        episode=signal.id,
        at=signal.at,
        title=signal.title or f"{said(event, 'source')}: {signal.condition}",
        evidence={
            "sent_by": said(event, "source"),
            "severity": signal.severity,
            "link": signal.link,
            "labels": dict(list(signal.labels.items())[:10]),
        },
        over="" if signal.state == "problem" else "it is well again",
        same=("sent_by",),
    )


KINDS = {DETAIL_TYPE: Kind(TEAMS, _signal)}

DETECTOR = Detector(
    source="custom",
    title="Signals by the published contract: of teams, and of what the forwarder makes of alerts, notes and log lines",
    detail_types=tuple(KINDS),
    delivery="durable",
    forwarded=tuple(KINDS),
    recovers={DETAIL_TYPE: {"detail.state": ("ok",)}},
)
handler = intake(DETECTOR, detect)
