"""A timeline has each moment once, and says how it went where it is neither well nor over."""

from typing import Any

import pytest

from edsr.model import AuditRecord, Kind
from edsr.timeline import timeline

JUDGED = {"step": 1, "judged": "better", "observed": "all is well", "at": "2026-03-02T03:05:10.000Z"}


def a_record(seq: int, kind: Kind, **body: Any) -> AuditRecord:
    said = {"incident_id": "i-1", "ts": f"2026-03-02T03:05:{10 + seq}.000Z", "mode": "automatic", "actor": "act"}
    return AuditRecord(seq=seq, kind=kind, body=body, prev="a" * 64, hash="b" * 64, **said)


def an_intent(seq: int) -> AuditRecord:
    said = {"action": "prewarm-function", "target": "arn:f", "args": {}, "fence": 1, "attempt": 1}
    return a_record(seq, Kind.INTENT, direction="apply", verdicts=[JUDGED], **said)


def test_a_verdict_that_two_steps_side_by_side_carry_is_told_once() -> None:
    told = [entry.moment.what for entry in timeline((an_intent(1), an_intent(2)))]
    assert told.count("judged better") == 1
    assert len(told) == 3


@pytest.mark.parametrize(
    ("state", "tone"), [("RESOLVED", "good"), ("HOLDING", "plain"), ("ESCALATED", "bad"), ("ABORTED", "bad")]
)
def test_what_holds_has_not_gone_badly(state: str, tone: str) -> None:
    (entry,) = timeline((a_record(1, Kind.CLOSE, state=state, reason="so", verdicts=[]),))
    assert entry.moment.tone == tone
