"""Announcements as notify's queue holds them, of audit records."""

import json
from collections.abc import Sequence
from typing import Any

from edsr import pattern
from edsr.model import AuditRecord
from infra.parts.notifying import CONCERNS
from record.announce import announcement, detail_type

CONCERNING = pattern.compile(CONCERNS)


def announced(records: Sequence[AuditRecord]) -> list[dict[str, Any]]:
    """The messages that the rule puts into the queue; each is named by its record."""
    events = {
        f"{record.incident_id}/{record.seq}": {"source": "edsr", "detail-type": detail_type(record), "detail": said}
        for record in records
        if (said := announcement(record))
    }
    return [
        {"messageId": name, "body": json.dumps(event)} for name, event in events.items() if CONCERNING.matches(event)
    ]
