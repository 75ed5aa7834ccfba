"""A finding about several events, made from that about one of them."""

from typing import Any, NamedTuple

from edsr.canonical import canonical
from edsr.model import EVIDENCE_BYTES, Finding, finding
from edsr.recovery import Recovery


class Told(NamedTuple):
    """What a technique makes of an event: findings, or why there is none yet; `fault` says why it began anew, `over` is
    what ends with it."""

    findings: tuple[Finding, ...] = ()
    why: str = ""
    fault: str = ""
    over: Recovery | None = None


def retold(found: Finding, evidence: dict[str, Any], **changes: Any) -> Finding:
    """The finding with these changes, its ids worked out anew. Of the one event it keeps the evidence, if all fits."""
    said = {name: value for name, value in dict(found).items() if name not in ("v", "id", "signal_key")}
    said["subject"] = found.subject.model_dump()
    whole = {**found.evidence, **evidence}
    said["evidence"] = whole if len(canonical(whole)) <= EVIDENCE_BYTES else evidence
    if found.correlation_id == found.incident_id:
        del said["correlation_id"]  # it was the incident's own, and the new one has another
    said |= changes
    return finding(**{**said, "title": str(said["title"])[:512]})
