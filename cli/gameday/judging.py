"""What is wrong with what came of a game day: what was expected, what was seen, and where to look."""

import math
from collections.abc import Iterator
from typing import Any

from cli.gameday.evidence import Evidence
from cli.gameday.scenario import Ended, Expect, Range, takes
from cli.incidents import Told
from edsr.model import Kind

EXPORTED = "edsr audit verify"


def problems(expect: Expect, found: Evidence) -> list[str]:
    """Everything that is wrong; nothing when the day passed."""
    return [
        *_incidents(expect, found),
        *(_effects(expect, found) if found.watched else ()),
        *(_pages(expect, found) if found.watched else ()),
        *_audit(found),
        *(f"{look.say}: expected {look.expected!r}, saw {look.seen!r}" for look in found.looks if not look.well),
        *(figure.wrong for figure in found.figures if figure.wrong),
        *(one.wrong for one in found.compared if one.wrong),
        *_latency(found),
        *_times(expect, found),
    ]


def _incidents(expect: Expect, found: Evidence) -> Iterator[str]:
    left = list(found.told)
    for wanted in expect.incidents:
        ours = [told for told in left if _is_about(wanted, told)]
        most = wanted.count.most if isinstance(wanted.count, Range) else wanted.count
        fitting = [told for told in ours if told.incident.state in wanted.states][:most]
        left = [told for told in left if told not in fitting]
        if not takes(wanted.count, len(fitting)):
            seen = ", ".join(f"{told.incident.id} {told.incident.state.value}" for told in ours[:9]) or "none"
            states = " or ".join(wanted.states)
            yield f"expected {wanted.count} incidents of {wanted.policy} to be {states}, saw {seen}"
        for told in fitting:
            yield from _ended(wanted, told)
    for told in left[:5]:
        incident = told.incident
        yield f"nobody expected {incident.id} of {incident.policy.id}, {incident.state.value}: {why(told)}"


def _is_about(wanted: Ended, told: Told) -> bool:
    return told.incident.policy.id == wanted.policy and (wanted.about or "") in told.incident.finding.subject.arn


def _ended(wanted: Ended, told: Told) -> Iterator[str]:
    decision = decided(told)
    refused = {row["gate"] for row in decision["rows"] if not row["allowed"]}
    if wanted.verdict and decision["verdict"] != wanted.verdict:
        yield f"{told.incident.id}: expected the verdict {wanted.verdict}, saw {decision['verdict']}: {why(told)}"
    if missing := set(wanted.refused_by) - refused:
        said = ", ".join(sorted(refused)) or "no gate"
        yield f"{told.incident.id}: expected {', '.join(sorted(missing))} to refuse, but {said} did"
    if wanted.reason and wanted.reason not in why(told):
        yield f"{told.incident.id}: expected a reason with {wanted.reason!r}, saw {why(told)!r}"


def decided(told: Told) -> dict[str, Any]:
    """What was decided first of an incident."""
    bodies = [record.body for record in told.records if "decision" in record.body]
    return bodies[0]["decision"] if bodies else {"verdict": "none", "rows": []}


def why(told: Told) -> str:
    """Why it ended as it did, in a line."""
    closes = [record.body["reason"] for record in told.records if record.kind is Kind.CLOSE]
    if closes:
        return str(closes[-1])
    return "; ".join(row["reason"] for row in decided(told)["rows"] if not row["allowed"])


def _effects(expect: Expect, found: Evidence) -> Iterator[str]:
    calls = expect.effects.keys() | found.counted.keys()
    if not all(takes(expect.effects.get(call, 0), found.counted.get(call, 0)) for call in calls):
        seen = ", ".join(f"{call} {count}" for call, count in found.counted.items()) or "nothing"
        wanted = ", ".join(f"{call} {count}" for call, count in expect.effects.items()) or "nothing"
        yield f"changed in the estate: expected {wanted}, saw {seen}: the boundary counts what hands send"
    outcomes = sum(
        record.kind is Kind.OUTCOME and record.body["status"] in ("DONE", "RECOVERED")
        for told in found.told
        for record in told.records
    )
    if outcomes != len(found.effects):
        yield f"{len(found.effects)} changes of the estate, and {outcomes} outcomes in the audit that say so"


def _pages(expect: Expect, found: Evidence) -> Iterator[str]:
    if not takes(expect.pages, len(found.pages)):
        said = "; ".join(page.text.splitlines()[0] for page in found.pages[:5]) or "nothing"
        yield f"expected {expect.pages} pages, saw {len(found.pages)}: {said}"


def _audit(found: Evidence) -> Iterator[str]:
    yield from (f"the audit is not whole: {flaw} ({EXPORTED} names all)" for flaw in found.flaws[:5])
    if found.exported < found.records:
        yield f"only {found.exported} of {found.records} audit records were exported"


def _latency(found: Evidence) -> Iterator[str]:
    """What hands say of how long their calls took, beside what was seen of the same calls on their way."""
    said = next((one.audited for one in found.compared if one.audited.indicator.id == "M8"), None)
    seen = found.action_latency_ms
    same = said and said.samples == len(found.effects)
    if said and same and said.value is not None and seen is not None and said.value < math.floor(seen):
        yield f"the audit says that a call took {said.value:g} ms, and {seen:g} ms went by on its way"


def _times(expect: Expect, found: Evidence) -> Iterator[str]:
    limits = (
        ("detect", found.seconds_to_detect, expect.time_to_detect.total_seconds()),
        ("remediate", found.seconds_to_remediate, expect.time_to_remediate.total_seconds()),
    )
    for what, seconds, limit in limits:
        if seconds is not None and seconds > limit:
            yield f"it took {seconds:g} s to {what}, expected at most {limit:g} s"
