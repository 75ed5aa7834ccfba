"""The words of which only a few are allowed: modes, verdicts, states, statuses."""

from enum import StrEnum


class Severity(StrEnum):
    """How bad it is for the people the service serves."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Mode(StrEnum):
    """How far a policy may go: only watch, ask a person first, or act by itself."""

    OBSERVE = "observe"
    APPROVE = "approve"
    AUTOMATIC = "automatic"


class DecisionVerdict(StrEnum):
    """What the gate chain says; `PRECEDENCE` in decide orders them."""

    ACT = "act"
    ASK = "ask"
    OBSERVE = "observe"
    ESCALATE = "escalate"
    SUPPRESS = "suppress"


class State(StrEnum):
    """Where an incident stands."""

    DECIDED = "DECIDED"
    PLANNED = "PLANNED"
    ASKED = "ASKED"
    APPROVED = "APPROVED"
    RUNNING = "RUNNING"
    HOLDING = "HOLDING"
    RESOLVED = "RESOLVED"
    REVERTED = "REVERTED"
    ESCALATED = "ESCALATED"
    ABORTED = "ABORTED"
    OBSERVED = "OBSERVED"
    SUPPRESSED = "SUPPRESSED"


UNDER_WAY = (State.DECIDED, State.PLANNED, State.ASKED, State.APPROVED, State.RUNNING)
"""States in which a remediation is under way: its subject is guarded, and its deadline runs."""

OPEN = (*UNDER_WAY, State.HOLDING)
"""States that do not last: also one that only waits for a temporary measure to end."""


class Kind(StrEnum):
    """What an audit record says."""

    DECISION = "DECISION"
    PLAN = "PLAN"
    APPROVAL = "APPROVAL"
    INTENT = "INTENT"
    OUTCOME = "OUTCOME"
    CLOSE = "CLOSE"
    SUPPRESSED = "SUPPRESSED"
    CONTROL = "CONTROL"


class Status(StrEnum):
    """How one step went."""

    DONE = "DONE"
    NOOP = "NOOP"
    GONE = "GONE"
    DENIED = "DENIED"
    REFUSED = "REFUSED"
    UNKNOWN = "UNKNOWN"
    RECOVERED = "RECOVERED"


class Judged(StrEnum):
    """What a probe thinks of a step."""

    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "unknown"
    PENDING = "pending"


class Direction(StrEnum):
    """Whether a step is done or undone."""

    APPLY = "apply"
    REVERT = "revert"
