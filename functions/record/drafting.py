"""Drafts: for every automation that failed or did harm a postmortem is begun, before anybody is told of it."""

from collections.abc import Iterable

from pydantic import ValidationError

from edsr.audit import read
from edsr.aws.faults import named
from edsr.aws.objects import put_once
from edsr.aws.store import DynamoStore
from edsr.model import AuditRecord
from edsr.postmortem.markdown import markdown
from edsr.postmortem.telling import draft_key, needed, postmortem
from edsr.protocol.keys import chain
from edsr.serve import Runtime
from edsr.settings import Record


def draft(records: Iterable[AuditRecord], runtime: Runtime[Record]) -> dict[str, str]:
    """Write the drafts that these records make necessary, each once: its name follows from the record. Gives where
    each is, by the record's hash. What cannot be told is said in the log and keeps nobody waiting. Raises Transient."""
    drafted: dict[str, str] = {}
    for record in filter(needed, records):
        try:
            text = markdown(postmortem(_chain(record, runtime)))
        except (ValidationError, KeyError, ValueError, TypeError, IndexError) as exc:
            runtime.log.exception("no draft", extra={"incident_id": record.incident_id, "reason": str(exc)})
            continue
        key = draft_key(record.incident_id, record.seq)
        _put(key, text, runtime)
        runtime.log.info("postmortem drafted", extra={"incident_id": record.incident_id})
        drafted[record.hash] = f"s3://{runtime.settings.export_bucket}/{key}"
    return drafted


def _chain(record: AuditRecord, runtime: Runtime[Record]) -> list[AuditRecord]:
    """The incident up to the record: what comes later has a draft of its own, if it makes one necessary."""
    store = DynamoStore(runtime.clients("dynamodb"), runtime.settings)
    found = [read(item) for item in store.partition("audit", chain(record.incident_id))]
    return [one for one in found if one.seq <= record.seq]


def _put(key: str, text: str, runtime: Runtime[Record]) -> None:
    s3, bucket = runtime.clients("s3"), runtime.settings.export_bucket
    with named("writing a postmortem's draft"):
        if not put_once(s3, bucket, key, text.encode(), "text/markdown; charset=utf-8"):
            runtime.log.info("drafted before", extra={"key": key})
