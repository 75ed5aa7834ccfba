"""Announcements: what each kind of audit record says on the bus."""

from typing import Any

from edsr.legible import line
from edsr.model import AuditRecord, Kind

DETAIL_TYPES = {
    Kind.DECISION: "Decision Made",
    Kind.SUPPRESSED: "Decision Made",
    Kind.PLAN: "Plan Drawn",
    Kind.APPROVAL: "Approval Requested",
    Kind.OUTCOME: "Step Done",
    Kind.CLOSE: "Incident Closed",
    Kind.CONTROL: "Control Changed",
}
"""An INTENT is not announced: until its outcome is known there is nothing to tell."""


TOLD = ("title", "subject", "reason", "context")
"""What pages show of an announcement, a line each: who wrote it begins no other."""

ANSWERED = "Approval Answered"
"""An approval's record either asks, or says what was answered."""


def detail_type(record: AuditRecord) -> str:
    """What kind of announcement a record makes."""
    return ANSWERED if record.kind is Kind.APPROVAL and "answer" in record.body else DETAIL_TYPES[record.kind]


def announcement(record: AuditRecord, draft: str | None = None) -> dict[str, Any] | None:
    """The detail of a record's announcement, `{v, correlation_id, data}`; receivers dedupe by incident_id and seq.
    `draft` is where the postmortem is that the record made necessary."""
    if record.kind not in DETAIL_TYPES:
        return None
    said = record.body
    data = _decision(said) if record.kind in (Kind.DECISION, Kind.SUPPRESSED) else dict(said)
    data |= {name: line(data[name]) for name in TOLD if isinstance(data.get(name), str)}
    data |= {"postmortem": draft} if draft else {}
    return {
        "v": 1,
        "correlation_id": said.get("correlation_id", record.incident_id),
        "data": {"incident_id": record.incident_id, "seq": record.seq, "at": record.ts, "mode": record.mode, **data},
    }


def _decision(said: dict[str, Any]) -> dict[str, Any]:
    finding, decision = said["finding"], said["decision"]
    refused = [row["reason"] for row in decision["rows"] if not row["allowed"]]
    return {
        **({"group": said["group"]} if "group" in said else {}),
        "verdict": decision["verdict"],
        "policy": decision["policy"],
        "title": finding["title"],
        "severity": finding["severity"],
        "subject": finding["subject"]["arn"],
        "runbook": said.get("runbook", ""),
        "reason": "; ".join(refused) or "every gate allowed it",
        "finding": finding,
        "rows": decision["rows"],
    }
