"""Every metric that the suite emits of itself: its unit, its dimensions, and what it says; sixty series at most.

CloudWatch bills a metric for each combination of dimensions. What has many values, such as a policy or an action, is
therefore no dimension: it rides along in the line of the log that the metric is read from, for Logs Insights.
"""

from collections.abc import Mapping
from math import prod
from typing import Literal, NamedTuple

from edsr.states import DecisionVerdict, State, Status

NAMESPACE = "edsr"
MOST = 60

Unit = Literal["Count", "Seconds", "Milliseconds", "None"]
"""As CloudWatch spells it; `None` is for what is 1 when it went well and else 0, so that its average is a share."""


class Metric(NamedTuple):
    """A metric; each of its dimensions has few values, and they are known."""

    name: str
    says: str
    unit: Unit = "Count"
    dimensions: Mapping[str, tuple[str, ...]] = {}

    @property
    def series(self) -> int:
        """How many metrics it is for who bills."""
        return prod(len(values) for values in self.dimensions.values())


STAGES = ("detect", "decide", "forward", "notify")
ENDED = tuple(str(state) for state in (State.RESOLVED, State.REVERTED, State.ESCALATED, State.ABORTED, State.HOLDING))

_EVERY = (
    Metric("Findings", "findings that detectors made"),
    Metric("Recoveries", "ends of conditions, as detectors tell them and decide takes note of them"),
    Metric("Ignored", "events that were none of a detector's business"),
    Metric("BegunAnew", "series of numbers that had to be learned anew"),
    Metric("Quarantined", "events and findings that could not be read", dimensions={"stage": STAGES}),
    Metric("DetectLagSeconds", "from a heartbeat's being put on the bus to its detection", "Seconds"),
    Metric("QueueLagSeconds", "how long a heartbeat waited in the queue of findings", "Seconds"),
    Metric("HeartbeatLagSeconds", "from a heartbeat's being put on the bus to decide", "Seconds"),
    Metric("Heartbeats", "heartbeats that came through"),
    Metric("HeartbeatMissing", "looks at which the last heartbeat was too old"),
    Metric("Decisions", "what was decided about findings", dimensions={"verdict": tuple(map(str, DecisionVerdict))}),
    Metric("Duplicates", "findings that were taken up before"),
    Metric("Missed", "findings that the sweep brought, since the bus had not"),
    Metric("Steps", "how steps ended", dimensions={"status": tuple(map(str, Status))}),
    Metric("Verdicts", "judgements of probes"),
    Metric("Forwarded", "events that were put on the suite's bus"),
    Metric("Polls", "polls of what the bus may have dropped"),
    Metric("PollFailed", "what a poll found and could not hand on"),
    Metric("PollOff", "polls with nothing to ask: the account does not use the service"),
    Metric("PollSpent", "polls that had no calls left"),
    Metric("Sweeps", "sweeps that came to their end"),
    Metric("SweepFailed", "incidents that a sweep could not look after"),
    Metric("Notices", "what people were told", dimensions={"level": ("page", "ticket")}),
    Metric("AuditRecords", "records that were exported and announced"),
    Metric("AuditTampered", "rows of the audit, and parts of its export, that somebody changed or removed"),
    Metric("AuditNotExported", "rows of the audit that are not in the export after six hours"),
    Metric("ExportsCompared", "looks at whether every row of the audit is exported"),
    Metric("Anchors", "anchors that were signed over the export"),
    Metric("Closed", "how incidents ended", dimensions={"state": ENDED}),
    Metric("Recovered", "what was over by itself before anything was done"),
    Metric("DetectSeconds", "from an event to its finding", "Seconds"),
    Metric("RemediateSeconds", "from a finding to its cure, without waiting for people", "Seconds"),
    Metric("ApprovalSeconds", "how long people were waited for", "Seconds"),
    Metric("RemediationSucceeded", "whether a remediation that acted did what it was for", "None"),
    Metric("RemediationUnnecessary", "remediations that people called false positives, less those they took back"),
    Metric("RemediationHarmful", "remediations that made it worse, as a probe measured or people say"),
    Metric("InterventionAvoided", "cures in which no person had a hand, less those called false positives"),
    Metric("EventDelivered", "whether the bus brought what was found", "None"),
    Metric("ActionMilliseconds", "how long the call took that changed something", "Milliseconds"),
    Metric("ObjectiveViolated", "alarms that an error budget burns fast"),
    Metric("ActionAudited", "whether an action stands in the audit with all of its context", "None"),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in _EVERY}
"""By name."""
