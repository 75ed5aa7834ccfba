"""CloudWatch: an alarm that goes into ALARM is a finding about the resource it watches."""

from datetime import datetime
from typing import Any

from detect import alarms
from detect.envelope import told
from detect.intake import Ignored, intake
from detect.kinds import Kind, read
from edsr.declare import Detector
from edsr.model import Finding
from edsr.policy import Policy

SOURCE = "aws.cloudwatch"
"""EventBridge lets nobody else send from it: that an event says so is the proof of where it comes from."""

KINDS = {name: Kind(SOURCE, alarms.seen) for name in (alarms.ALARM, alarms.CONTRIBUTOR)}

DETECTOR = Detector(
    source="cloudwatch",
    title="CloudWatch alarms: metric, composite, anomaly-band and metric-math, and one contributor of a query",
    detail_types=tuple(KINDS),
    delivery="best-effort",
    recovers=dict.fromkeys(KINDS, alarms.OVER[alarms.ALARM]),
)


def detect(event: dict[str, Any], policy: Policy, now: datetime) -> Finding | Ignored:
    """A Finding for a transition into ALARM. The transition's own timestamp is the episode: every copy has the same."""
    return told(read(event, KINDS), event, policy, now, DETECTOR.source)


handler = intake(DETECTOR, detect)
