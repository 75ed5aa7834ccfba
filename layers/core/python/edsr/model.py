"""The words of the product as frozen models: Finding, Decision, Plan, Outcome, Verdict, AuditRecord."""

import hashlib
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator

from edsr.canonical import canonical, digest, plain
from edsr.states import (
    OPEN,
    UNDER_WAY,
    DecisionVerdict,
    Direction,
    Judged,
    Kind,
    Mode,
    Severity,
    State,
    Status,
)
from edsr.times import Utc

__all__ = [
    "OPEN",
    "UNDER_WAY",
    "AuditRecord",
    "Decision",
    "DecisionVerdict",
    "Direction",
    "Finding",
    "Judged",
    "Kind",
    "Mode",
    "Outcome",
    "Plan",
    "Row",
    "Severity",
    "Stage",
    "State",
    "Status",
    "Step",
    "Subject",
    "Verdict",
    "Verify",
    "finding",
]

EVIDENCE_BYTES = 8 * 1024


class Frozen(BaseModel):
    """A model that nothing changes after it was made, and that says which version wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    v: Literal[1] = 1


class Subject(BaseModel):
    """What a finding is about; `service` and the rest come from the catalogue and may be unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    arn: str = Field(min_length=1, max_length=1024)
    kind: str = Field(min_length=1, max_length=64)
    account: str = Field(min_length=1, max_length=12)
    region: str = Field(min_length=1, max_length=32)
    service: str | None = None
    environment: str | None = None
    tier: int | None = None


class Finding(Frozen):
    """Something a detector saw, about one subject, for one policy.

    `condition` names what is wrong (an alarm's name), `episode` the producer's own identity of this
    occurrence; with the subject they make `signal_key`, so that the same occurrence always has one id.
    """

    id: str
    signal_key: str
    policy: str
    source: str
    subject: Subject
    condition: str = Field(min_length=1, max_length=512)
    episode: str = Field(min_length=1, max_length=256)
    observed_at: Utc
    detected_at: Utc
    severity: Severity
    title: str = Field(max_length=512)
    evidence: dict[str, Any]
    correlation_id: str = Field(max_length=256)
    origin: Literal["event", "sweep", "replay", "synthetic"] = "event"

    @field_validator("evidence")
    @classmethod
    def _bounded(cls, evidence: dict[str, Any]) -> dict[str, Any]:
        try:
            size = len(canonical(evidence))
        except TypeError as exc:
            raise ValueError(f"evidence: {exc}") from exc
        if size > EVIDENCE_BYTES:
            raise ValueError(f"evidence is {size} bytes; at most {EVIDENCE_BYTES} are kept")
        return evidence

    @property
    def incident_id(self) -> str:
        """`i-` and 26 hexadecimal digits; also the name of the incident's execution."""
        return "i-" + self.id[:26]


def finding(*, correlation_id: str | None = None, **fields: Any) -> Finding:
    """Make a Finding: work out its keys, and spell floats in its evidence as decimal strings.

    Raises pydantic's ValidationError when a field is missing or out of bounds.
    """
    subject = Subject.model_validate(fields["subject"])
    about = (subject.account, subject.region, subject.arn)
    key = digest([fields["source"], *about, fields["condition"], fields["episode"]])
    identity = hashlib.sha256(f"{key}|{fields['policy']}".encode()).hexdigest()
    return Finding.model_validate(
        {
            **fields,
            "id": identity,
            "signal_key": key,
            "subject": subject,
            "evidence": plain(fields["evidence"]),
            "correlation_id": correlation_id or "i-" + identity[:26],
        }
    )


class Row(NamedTuple):
    """One gate's answer. `observed` None means the fact is not known, which never allows."""

    gate: str
    allowed: bool
    observed: str | int | None
    limit: str | int | None
    reason: str


class Decision(Frozen):
    """Why the suite may act, only watches, or stays away."""

    id: str
    finding_id: str
    policy: str
    policy_digest: str
    mode: Mode
    verdict: DecisionVerdict
    rows: tuple[Row, ...]
    playbook: str
    decided_at: Utc


class Verify(BaseModel):
    """How a step is judged: which probe, with what, for how long and how often (seconds)."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    probe: str
    args: dict[str, Any]
    within: int = Field(gt=0)
    every: int = Field(gt=0)


class Step(BaseModel):
    """One action on one target; `pre` is its state when the plan was drawn, `fleet` how many of its kind its `service`
    has. A temporary measure ends `expires` seconds after it was taken, or is renewed, at most `renew` times."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    n: int
    action: str
    function: str
    class_: Literal["A", "B", "C", "D"] = Field(alias="class")
    target: str
    args: dict[str, Any]
    pre: dict[str, Any]
    pre_hash: str
    reversible: bool
    revertible: bool
    fleet: int = Field(gt=0)
    service: str = ""
    expires: int | None = Field(default=None, gt=0)
    renew: int = Field(default=0, ge=0)
    verify: Verify


class Stage(BaseModel):
    """Steps that may run side by side: `max-parallel` at a time, `tolerate` of them may fail."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    steps: tuple[Step, ...] = Field(min_length=1)
    max_parallel: int = Field(default=1, ge=1, alias="max-parallel")
    tolerate: int = Field(default=0, ge=0)


class Plan(Frozen):
    """A playbook made concrete. `digest` is over everything that would be done."""

    incident_id: str
    digest: str
    decision_id: str
    playbook: str
    stages: tuple[Stage, ...] = Field(min_length=1)
    rows: tuple[Row, ...]
    deadline: Utc

    def step(self, n: int) -> Step:
        """The step with this number; KeyError when the plan has none."""
        for stage in self.stages:
            for step in stage.steps:
                if step.n == n:
                    return step
        raise KeyError(n)


class Outcome(Frozen):
    """What one step did: the state before and after, what would undo it, and how long its call took (milliseconds)."""

    step: int
    direction: Direction
    status: Status
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    undo: dict[str, Any] | None = None
    fence: int | None = None
    took_ms: int | None = None
    at: Utc


class Verdict(Frozen):
    """What a probe saw, and what it thinks of it."""

    step: int
    judged: Judged
    observed: str
    at: Utc


class AuditRecord(Frozen):
    """One link of a chain: `hash` covers every other field, `prev` the record before."""

    incident_id: str
    seq: int = Field(ge=1)
    kind: Kind
    body: dict[str, Any]
    actor: str
    ts: str
    mode: str
    prev: str
    hash: str
