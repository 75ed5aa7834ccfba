"""Measuring: what records add to the measures is emitted, by the definitions that a report uses, too."""

from collections.abc import Sequence

from pydantic import ValidationError

from edsr.audit import read
from edsr.aws.store import DynamoStore
from edsr.indicators.observed import Observation, incident_of, observe
from edsr.model import AuditRecord, Kind
from edsr.protocol.keys import chain
from edsr.serve import Runtime
from edsr.settings import Record


def measure(records: Sequence[AuditRecord], runtime: Runtime[Record]) -> None:
    """Emit what records add, once all is known: nothing is emitted again when a chain cannot be read (Transient)."""
    seen = [(record, _observed(record, runtime)) for record in records]
    for record, observed in seen:
        runtime.count("AuditRecords", kind=record.kind.value)
        said = record.body
        if record.kind is Kind.CLOSE and said.get("recovered"):
            runtime.count("Recovered", policy=said["policy"])
        elif record.kind is Kind.CLOSE and "harm" not in said:
            runtime.count("Closed", state=said["state"], policy=said["policy"], incident_id=record.incident_id)
        for one in observed:
            runtime.count(one.metric, one.value, incident_id=record.incident_id, **one.said)


def _observed(record: AuditRecord, runtime: Runtime[Record]) -> list[Observation]:
    """A chain in which something was written that is no record is for `edsr audit verify`: nothing waits for that."""
    try:
        return observe(record, _chain(record, runtime))
    except (ValidationError, KeyError, ValueError, TypeError) as exc:
        runtime.log.exception("not measured", extra={"incident_id": record.incident_id, "reason": str(exc)})
        return []


def _chain(record: AuditRecord, runtime: Runtime[Record]) -> list[AuditRecord]:
    incident = incident_of(record)
    if incident is None:
        return []
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    return [read(item) for item in store.partition("audit", chain(incident))]
