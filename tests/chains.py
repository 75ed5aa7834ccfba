"""Audit chains as the protocol writes them, for tests that know what came of each incident."""

from datetime import datetime, timedelta
from typing import Any

from edsr import audit
from edsr.audit import Head
from edsr.indicators.labels import LABELLED
from edsr.model import AuditRecord, Kind
from edsr.protocol import keys
from edsr.times import epoch, iso
from tests.things import ALIAS, AT, a_finding

POLICY = "lambda-canary-rollback"


class Chain:
    """One incident's records, each so many seconds after the one before; `records` are what was written."""

    def __init__(self, number: int = 0, *, began: datetime = AT, suppressed: bool = False, **finding: Any) -> None:
        observed = began - timedelta(seconds=finding.pop("late", 30))
        said = {"episode": f"{began}-{number}", "observed_at": observed, "detected_at": began}
        self.found = a_finding(**(said | finding))
        self.at, self.head = began, audit.START
        self.began = began
        self.records: list[AuditRecord] = []
        decision = {"verdict": "act", "policy": self.found.policy, "rows": []}
        kind = Kind.SUPPRESSED if suppressed else Kind.DECISION
        self.add(kind, finding=self.found.model_dump(mode="json"), decision=decision)

    @property
    def id(self) -> str:
        """The incident's id."""
        return self.found.incident_id

    def add(self, kind: Kind, later: float = 1, /, *, actor: str = "a-stage", **body: Any) -> "Chain":
        """Write the next record."""
        self.at += timedelta(seconds=later)
        said = {"correlation_id": self.id, **body}
        record = audit.link(self.head, self.id, kind, said, actor=actor, at=self.at, mode="automatic")
        self.head = Head(record.seq, record.hash)
        self.records.append(record)
        return self

    def decide(self, verdict: str) -> "Chain":
        """It is decided about once more."""
        kind = Kind.SUPPRESSED if verdict == "suppress" else Kind.DECISION
        decision = {"verdict": verdict, "policy": self.found.policy, "rows": []}
        return self.add(kind, finding=self.found.model_dump(mode="json"), decision=decision)

    def plan(self) -> "Chain":
        """A plan is drawn."""
        return self.add(Kind.PLAN, stages=[], digest="d", playbook="p")

    def add_wait(self, seconds: float) -> "Chain":
        """Time passes."""
        self.at += timedelta(seconds=seconds)
        return self

    def ask(self, waits: float, answer: str = "approved", number: int = 1) -> "Chain":
        """A person is asked, and something comes of it."""
        self.add(Kind.APPROVAL, asked=number, need=1, expires_at=epoch(self.at), digest="d")
        return self.add(Kind.APPROVAL, waits, asked=number, answer=answer, complete=True, digest="d")

    def intend(self, step: int = 1, direction: str = "apply", verdicts: tuple[Any, ...] = ()) -> "Chain":
        """Something is about to be done."""
        said: dict[str, Any] = {"step": step, "direction": direction, "action": "shift-alias", "target": ALIAS}
        said["args"] = {"version": "1"}
        return self.add(Kind.INTENT, **said, before={"version": "2"}, fence=1, attempt=1, verdicts=list(verdicts))

    def done(self, step: int = 1, direction: str = "apply", status: str = "DONE", **said: Any) -> "Chain":
        """It was done, or not."""
        after = {"version": "1"} if status in ("DONE", "RECOVERED") else None
        body = {"step": step, "direction": direction, "status": status, "before": {"version": "2"}, "after": after}
        return self.add(Kind.OUTCOME, **{**body, "action": "shift-alias", "target": ALIAS, "took_ms": 200, **said})

    def close(self, state: str = "RESOLVED", *verdicts: dict[str, Any]) -> "Chain":
        """It ends."""
        took = int((self.at + timedelta(seconds=1) - self.began).total_seconds() * 1000)
        said = {"state": state, "policy": self.found.policy, "service": self.found.subject.service or "none"}
        return self.add(Kind.CLOSE, **said, verdicts=list(verdicts), reason="r", took_ms=took)

    def acted(self, state: str = "RESOLVED", judged: str = "better", status: str = "DONE") -> "Chain":
        """One step is planned, taken and judged, and the incident ends."""
        return self.plan().intend().done(status=status).close(state, verdict(judged))


def verdict(judged: str, step: int = 1, direction: str = "apply") -> dict[str, Any]:
    """How a probe judged a step."""
    return {"step": step, "direction": direction, "status": "DONE", "judged": judged, "observed": "o", "at": iso(AT)}


def labels(*said: tuple[str, str, str], at: datetime = AT + timedelta(days=1)) -> list[AuditRecord]:
    """A month's chain in which incidents are labelled: `(incident, label, was)`."""
    head, records = audit.START, []
    for number, (incident, label, was) in enumerate(said):
        body = {"switch": LABELLED, "incident": incident, "label": label, "was": was, "by": "ann", "reason": "r"}
        when = at + timedelta(seconds=number)
        record = audit.link(head, f"{keys.CONTROL}2026-03", Kind.CONTROL, body, actor="ann", at=when, mode="control")
        head = Head(record.seq, record.hash)
        records.append(record)
    return records


def chains(*incidents: Chain, labelled: list[AuditRecord] | None = None) -> dict[str, list[AuditRecord]]:
    """By their owners, as a report reads them."""
    controls = {labelled[0].incident_id: labelled} if labelled else {}
    return {one.id: one.records for one in incidents} | controls
