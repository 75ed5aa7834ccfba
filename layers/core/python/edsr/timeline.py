"""An incident's timeline: when, what, why and how long; one list that table, page, dashboard and --json show."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

from edsr.model import AuditRecord, DecisionVerdict, Kind, State
from edsr.times import iso, parse, parse_epoch

EPOCH = parse_epoch(0)

TONES = {"HOLDING": "plain", "OBSERVED": "plain"}
"""How it went where an incident has not ended, or was only watched."""


class Moment(NamedTuple):
    """One thing that happened. `tone` is how it went: good, bad or plain; `seq` the audit record that says so."""

    at: datetime
    what: str
    why: str
    tone: str = "plain"
    seq: int | None = None


class Entry(NamedTuple):
    """A moment, and the seconds since the one before."""

    moment: Moment
    after_s: float


def timeline(records: tuple[AuditRecord, ...]) -> list[Entry]:
    """Every moment of an incident in order, from the event to the last record."""
    told: list[Moment] = []
    for record in records:
        told += _told(record, told[-1].at if told else EPOCH)
    moments = sorted(dict.fromkeys(told), key=lambda moment: moment.at)  # steps side by side carry alike
    gaps = [0.0] + [(later.at - earlier.at).total_seconds() for earlier, later in pairwise(moments)]
    return [Entry(moment, round(gap, 3)) for moment, gap in zip(moments, gaps, strict=True)]


def _told(record: AuditRecord, before: datetime) -> list[Moment]:
    """A record that no stage has written so is named in its place, and hides nothing else."""
    try:
        return list(_moments(record))
    except (KeyError, TypeError, ValueError, AttributeError):
        what = f"{record.kind.value.lower()} that cannot be told"
        return [Moment(before, what, "it was changed: `edsr audit verify`", "bad", record.seq)]


def stands(records: Sequence[AuditRecord]) -> State | None:
    """How an incident stood at the last of its records; None while automation is at work."""
    states = {DecisionVerdict.OBSERVE: State.OBSERVED, DecisionVerdict.SUPPRESS: State.SUPPRESSED}
    for record in reversed(records):
        if record.kind is Kind.CLOSE:
            return State(record.body["state"])
        if "decision" in record.body:
            return (states | {DecisionVerdict.ESCALATE: State.ESCALATED}).get(record.body["decision"]["verdict"])
    return None


def as_json(entry: Entry) -> dict[str, Any]:
    """One line of the timeline for --json."""
    moment = entry.moment
    return {
        "at": iso(moment.at),
        "what": moment.what,
        "why": moment.why,
        "after_s": entry.after_s,
        "audit_record": moment.seq,
    }


def short(arn: str) -> str:
    """The part of an ARN that a person reads: `checkout:live`."""
    parts = arn.split(":", 6)
    return parts[6] if len(parts) == len(["arn", "aws", "lambda", "region", "account", "kind", "name"]) else arn


def _moments(record: AuditRecord) -> Iterator[Moment]:
    said, at = record.body, parse(record.ts)
    match record.kind:
        case Kind.DECISION | Kind.SUPPRESSED:
            yield from _decision(said, at, record.seq)
        case Kind.PLAN:
            steps = [step for stage in said["stages"] for step in stage["steps"]]
            named = "; ".join(_step(step) for step in steps)
            yield Moment(
                at, f"planned {_count(steps, 'step')}", f"{named} (playbook {said['playbook']})", seq=record.seq
            )
        case Kind.APPROVAL:
            yield _approval(said, at, record)
        case Kind.INTENT:
            yield from _verdicts(said["verdicts"])
            doing = "undo" if said["direction"] == "revert" else "do"
            why = f"fence {said['fence']}, attempt {said['attempt']}; committed before the call"
            yield Moment(at, f"about to {doing} {_step(said)}", why, seq=record.seq)
        case Kind.OUTCOME:
            tone = "good" if said["status"] in ("DONE", "RECOVERED") else "bad"
            yield Moment(
                at, f"{said['action']} {said['status']}", changes(said["before"], said["after"]), tone, record.seq
            )
        case Kind.CLOSE:
            yield from _verdicts(said["verdicts"])
            well = (said["state"] == "RESOLVED" and "harm" not in said) or said.get("recovered")
            tone = "good" if well else TONES.get(said["state"], "bad")
            yield Moment(at, _closed(said), said["reason"], tone, record.seq)
        case _:
            yield Moment(at, record.kind.value.lower(), str(said), seq=record.seq)


def _closed(said: dict[str, Any]) -> str:
    """What was only told of stays so; that it is over is said besides, and that what it did made things worse."""
    if harm := said.get("harm"):
        return f"did harm, as {harm['incident']} shows; stopped: {', '.join(harm['scopes'])}"
    told = said.get("recovered") and said["state"] != "ABORTED"
    return "recovered" if told else f"closed as {said['state']}"


def _decision(said: dict[str, Any], at: datetime, seq: int) -> Iterator[Moment]:
    finding, decision = said["finding"], said["decision"]
    yield Moment(parse(finding["observed_at"]), finding["title"], str(finding["evidence"].get("reason", "")), "bad")
    subject = finding["subject"]
    where = f"service {subject['service'] or 'unknown'}, environment {subject['environment'] or 'unknown'}"
    yield Moment(
        parse(finding["detected_at"]), f"detected on {short(subject['arn'])}", f"{where}, {finding['severity']}"
    )
    refusals = [f"{row['gate']}: {row['reason']}" for row in decision["rows"] if not row["allowed"]]
    why = "; ".join(refusals) or f"all {len(decision['rows'])} gates allowed it"
    yield Moment(at, f"decided to {decision['verdict']}", f"{why} (policy {decision['policy']})", seq=seq)


def _approval(said: dict[str, Any], at: datetime, record: AuditRecord) -> Moment:
    """A person was asked, or what they answered."""
    plan = f"plan {said['digest'][:12]}"
    if "answer" not in said:
        until = parse_epoch(said["expires_at"])
        return Moment(at, f"asked for approval ({said['need']})", f"{plan}, until {until:%H:%M:%S} UTC", seq=record.seq)
    tone = "good" if said["answer"] == "approved" else "bad"
    why = plan if said["complete"] else f"{plan}; more have to agree"
    return Moment(at, f"{said['answer']} by {record.actor}", why, tone, record.seq)


def _verdicts(verdicts: list[dict[str, Any]]) -> Iterator[Moment]:
    for verdict in verdicts:
        if "at" in verdict:
            tone = {"better": "good", "worse": "bad"}.get(verdict["judged"], "plain")
            what = f"judged {verdict['judged']}"
            yield Moment(parse(verdict["at"]), what, f"step {verdict['step']}: {verdict['observed']}", tone)


def _step(step: dict[str, Any]) -> str:
    args = ", ".join(f"{name} {value}" for name, value in step["args"].items())
    return f"{step['action']} {short(step['target'])} {args}"


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> str:
    """What differs between two states: `version 2 -> 1`."""
    old, new = before or {}, after or {}
    changed = [f"{name} {old.get(name)} -> {new[name]}" for name in new if old.get(name) != new[name]]
    return ", ".join(changed) or "nothing changed"


def _count(things: list[Any], word: str) -> str:
    return f"{len(things)} {word}" + ("" if len(things) == 1 else "s")
