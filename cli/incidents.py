"""Incidents as people ask for them: the list, and one with its audit chain, read from the suite's tables."""

from dataclasses import dataclass
from typing import Any

from cli.account import Account
from cli.errors import Unavailable
from edsr.audit import Flaw, readable
from edsr.aws.items import plain
from edsr.model import OPEN, AuditRecord, State
from edsr.protocol import keys
from edsr.protocol.grouping import group_of
from edsr.protocol.incident import Incident


@dataclass(frozen=True)
class Told:
    """An incident and everything that was written down about it; `unreadable` are rows that hold no record."""

    incident: Incident
    records: tuple[AuditRecord, ...]
    unreadable: tuple[Flaw, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.incident.state not in OPEN


def every(account: Account) -> list[Incident]:
    """All incidents, the newest first."""
    items = account.scan(
        "edsr-state",
        FilterExpression="#sk = :head AND begins_with(#pk, :inc)",
        ExpressionAttributeNames={"#pk": "pk", "#sk": "sk"},
        ExpressionAttributeValues={":head": {"S": keys.HEAD}, ":inc": {"S": "INC#"}},
    )
    found = [Incident.of(plain(item)) for item in items]
    return sorted(found, key=lambda incident: incident.finding.detected_at, reverse=True)


def one(account: Account, incident_id: str) -> Told:
    """One incident with its records; Unavailable when there is none with this id."""
    key = keys.incident(incident_id)
    found = account.store.read([key])
    if key not in found:
        raise Unavailable(f"there is no incident {incident_id}; `edsr incidents list` shows those there are")
    records, flaws = readable(account.store.partition("audit", keys.chain(incident_id)))
    return Told(Incident.of(found[key]), tuple(records), tuple(flaws))


def grouped(found: list[Incident]) -> dict[str, list[Incident]]:
    """Incidents by their group, each as they came."""
    groups: dict[str, list[Incident]] = {}
    for incident in found:
        groups.setdefault(group_of(incident.finding), []).append(incident)
    return groups


def summary(incident: Incident) -> dict[str, Any]:
    """An incident in one line, for --json."""
    found = incident.finding
    return {
        "id": incident.id,
        "state": State(incident.state).value,
        "policy": incident.policy.id,
        "mode": incident.mode.value,
        "title": found.title,
        "severity": found.severity.value,
        "subject": found.subject.arn,
        "service": found.subject.service,
        "detected_at": found.model_dump(mode="json")["detected_at"],
        "correlation_id": found.correlation_id,
        "group": group_of(found),
    }
