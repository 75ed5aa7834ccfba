"""What one record of the audit adds to the measures: `record` emits it as metrics, and a report adds it up."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edsr.budget import BURNS
from edsr.indicators.labels import Label, labelled
from edsr.indicators.remediations import CHANGED, Remediation, answered, outcomes, remediation
from edsr.model import AuditRecord, Direction, Kind
from edsr.times import parse

CONTEXT = ("correlation_id", "action", "target", "before")
"""What the record of an action has to say, beside who did it and when; when it changed something, the state after."""

REAL = ("event", "sweep")
"""Where a finding comes from that is about something which happened now: no replay, nothing made for a test."""


class Observation(NamedTuple):
    """A value of one of METRICS, and what it is about: `policy`, `affected` (a service), `action`, `objective`."""

    metric: str
    value: float
    said: dict[str, str]


def incident_of(record: AuditRecord) -> str | None:
    """The incident whose chain has to be known to say what a record adds; None when the record says it all."""
    if record.kind is Kind.CLOSE or (record.kind is Kind.APPROVAL and "answer" in record.body):
        return record.incident_id
    told = labelled(record)
    return told.incident if told else None


def observe(record: AuditRecord, chain: Sequence[AuditRecord] = ()) -> list[Observation]:
    """What a record adds. `chain` are the records, in order, of the incident that `incident_of` names; what came after
    the record does not count."""
    before = [one for one in chain if one.seq <= record.seq]
    match record.kind:
        case Kind.DECISION | Kind.SUPPRESSED:
            return [*(_found(record) if record.seq == 1 else ()), *_violated(record)]
        case Kind.OUTCOME if record.body.get("took_ms") is not None:
            said = {"action": record.body["action"]}
            return [Observation("ActionMilliseconds", record.body["took_ms"], said)]
        case Kind.APPROVAL if "answer" in record.body and record.body["complete"]:
            return [Observation("ApprovalSeconds", seconds, {}) for seconds in answered(before)[-1:]]
        case Kind.CLOSE:
            return list(_closed(record, before))
        case Kind.CONTROL:
            return list(_labelled(record, [one for one in chain if one.ts <= record.ts]))
    return []


def _found(record: AuditRecord) -> Iterator[Observation]:
    """What is told of again, and held back, was detected before: it would only flatter, or inflate, the time."""
    found = record.body["finding"]
    if found["origin"] not in REAL:
        return
    said = {"policy": found["policy"], "affected": found["subject"]["service"] or "none"}
    more = {"source": found["source"], "verdict": record.body["decision"]["verdict"]}
    if impact := found["evidence"].get("impact"):
        more["dollars"] = str(impact)
    yield Observation("EventDelivered", float(found["origin"] == "event"), said | more)
    if record.kind is Kind.DECISION:
        seconds = (parse(found["detected_at"]) - parse(found["observed_at"])).total_seconds()
        yield Observation("DetectSeconds", max(0.0, seconds), said)


def _violated(record: AuditRecord) -> Iterator[Observation]:
    """What was held back at first is counted once it is decided about: there is one decision of an incident."""
    found = record.body["finding"]
    burning = re.fullmatch(BURNS, found["condition"])
    if record.kind is Kind.DECISION and found["origin"] in REAL and burning:
        said = {"policy": found["policy"], "affected": found["subject"]["service"] or "none"}
        yield Observation("ObjectiveViolated", 1, {"objective": burning["objective"], **said})


def _closed(close: AuditRecord, chain: Sequence[AuditRecord]) -> Iterator[Observation]:
    said = {"policy": close.body["policy"], "affected": close.body["service"], "mode": close.mode}
    again = [record for record in chain if record.kind is Kind.CLOSE and record.seq < close.seq]
    since = again[-1].seq if again else 0
    for complete in _audited(chain, since):
        yield Observation("ActionAudited", float(complete), said)
    if "harm" in close.body:
        yield from _changed(remediation(chain), remediation(chain[:-1]), said)
    done = None if again else remediation(chain)
    if done is None:
        return
    yield Observation("RemediationSucceeded", float(done.succeeded), said)
    if done.succeeded:
        yield Observation("RemediateSeconds", max(0.0, done.took_s - done.waited_s), said)
    for metric, value in judged(done, Label.UNCLEAR).items():
        if value:
            yield Observation(metric, value, said)


def _labelled(record: AuditRecord, chain: Sequence[AuditRecord]) -> Iterator[Observation]:
    """A label changes what a remediation counts as; one of an incident that has not acted changes no measure."""
    told, done = labelled(record), remediation(chain)
    if told is None or done is None:
        return
    close = next(one for one in chain if one.kind is Kind.CLOSE)
    said = {"policy": close.body["policy"], "affected": close.body["service"]}
    yield from _differences(judged(done, told.label), judged(done, told.was), said)


def _changed(now: Remediation | None, was: Remediation | None, said: dict[str, str]) -> Iterator[Observation]:
    """What a remediation counts as, once it has shown that it did harm, beside what it counted as before."""
    if now and was:
        yield from _differences(judged(now, Label.UNCLEAR), judged(was, Label.UNCLEAR), said)


def _differences(now: dict[str, int], was: dict[str, int], said: dict[str, str]) -> Iterator[Observation]:
    yield from (Observation(metric, now[metric] - was[metric], said) for metric in now if now[metric] != was[metric])


def judged(done: Remediation, label: Label) -> dict[str, int]:
    """What a remediation with a label counts as. Avoided is only what changed something, helped, and took nobody."""
    unnecessary = label is Label.FALSE_POSITIVE
    harmful = label is Label.HARMFUL or (done.worse and label is not Label.TRUE_POSITIVE)
    alone = done.succeeded and done.changed and not done.asked
    return {
        "RemediationUnnecessary": int(unnecessary),
        "RemediationHarmful": int(harmful),
        "InterventionAvoided": int(alone and not unnecessary and not harmful),
    }


def _audited(chain: Sequence[AuditRecord], since: int) -> Iterator[bool]:
    """For each action after a record: whether it is known why, what, by whom, on what, and what came of it."""
    explained = {Kind.DECISION, Kind.PLAN} <= {record.kind for record in chain}
    done = {(Direction(way), record.body["step"]): record for way in Direction for record in outcomes(chain, way)}
    intended = {
        (Direction(record.body["direction"]), record.body["step"]): record.seq
        for record in chain
        if record.kind is Kind.INTENT and record.seq > since
    }
    unannounced = {key for key, record in done.items() if record.seq > since and key not in intended}
    for key in [*intended, *unannounced]:
        outcome = done.get(key)
        yield bool(outcome and key in intended and explained and outcome.actor and _whole(outcome))


def _whole(outcome: AuditRecord) -> bool:
    context = (*CONTEXT, "after") if outcome.body["status"] in CHANGED else CONTEXT
    return all(outcome.body.get(name) is not None for name in context)
