"""What a postmortem says of an incident, told from its audit chain alone, so that it can be told anywhere."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from edsr.indicators.labels import Label
from edsr.indicators.observed import observe
from edsr.indicators.remediations import Remediation, remediation
from edsr.indicators.totals import Figure, figures
from edsr.model import AuditRecord, Kind, State
from edsr.timeline import Entry, as_json, stands, timeline
from edsr.times import parse

FAILED = (State.ESCALATED, State.REVERTED)


class Decided(NamedTuple):
    """A decision, when, and every gate's answer as its record has it."""

    at: str
    verdict: str
    mode: str
    rows: list[dict[str, Any]]


class Postmortem(NamedTuple):
    """An incident looked back at. `helped` says whether automation did any good, and why that is said; `actions` are
    what has to be decided or done, each for an owner to be found."""

    incident: str
    title: str
    state: str
    facts: dict[str, str]
    helped: str
    entries: list[Entry]
    decisions: list[Decided]
    figures: list[Figure]
    actions: list[str]
    records: tuple[AuditRecord, ...]


def needed(record: AuditRecord) -> bool:
    """Whether a record ends an automation that failed or did harm: then a draft is written by itself."""
    said = record.body
    if record.kind is not Kind.CLOSE or said.get("recovered"):
        return False
    return "harm" in said or said["state"] in FAILED


def draft_key(incident: str, seq: int) -> str:
    """Where in the export's bucket the draft is that a record of an incident's chain made necessary."""
    return f"postmortems/{incident}/{seq:06d}.md"


def postmortem(records: Sequence[AuditRecord], label: Label = Label.UNCLEAR) -> Postmortem:
    """Told from an incident's records in order; `label` is what operators say that it was. KeyError, ValueError or
    pydantic's ValidationError where something in the chain was not written by a stage."""
    first, closes = records[0], [record for record in records if record.kind is Kind.CLOSE]
    found, close = first.body["finding"], closes[-1].body if closes else {}
    harm = next((record.body["harm"] for record in closes if "harm" in record.body), None)
    entries, done = timeline(tuple(records)), remediation(records)
    return Postmortem(
        incident=first.incident_id,
        title=found["title"],
        state=str(stands(records) or "open"),
        facts=_facts(records, found, close, entries),
        helped=_helped(done, close, harm, label),
        entries=entries,
        decisions=[_decided(record) for record in records if "decision" in record.body],
        figures=_figures(records),
        actions=_actions(found, close, harm, done),
        records=tuple(records),
    )


def said(told: Postmortem) -> dict[str, Any]:
    """All of it for programs."""
    return {
        "incident": told.incident,
        "title": told.title,
        "state": told.state,
        "facts": told.facts,
        "helped": told.helped,
        "timeline": [as_json(entry) for entry in told.entries],
        "decisions": [one._asdict() for one in told.decisions],
        "measures": [{"id": one.indicator.id, "value": one.value, "met": one.met} for one in told.figures],
        "actions": [{"what": action, "owner": None, "due": None} for action in told.actions],
        "records": [record.model_dump(mode="json") for record in told.records],
    }


def _facts(
    records: Sequence[AuditRecord], found: dict[str, Any], close: dict[str, Any], entries: list[Entry]
) -> dict[str, str]:
    subject, decision = found["subject"], records[0].body["decision"]
    plan = next((record.body for record in reversed(records) if record.kind is Kind.PLAN), {})
    outcomes = {record.seq for record in records if record.kind is Kind.OUTCOME}
    changed = [f"{entry.moment.what}: {entry.moment.why}" for entry in entries if entry.moment.seq in outcomes]
    return {
        "What was found": f"{found['title']}, {found['severity']}",
        "Subject": subject["arn"],
        "Service": f"{subject['service'] or 'unknown'}, environment {subject['environment'] or 'unknown'}",
        "Began": found["observed_at"],
        "Detected": found["detected_at"],
        "Ended": records[-1].ts if close and close["state"] != State.HOLDING else "not yet",
        "Policy": f"{found['policy']} ({records[0].mode}), digest {str(decision.get('policy_digest', ''))[:16]}",
        "Playbook": str(plan.get("playbook") or decision.get("playbook") or "none"),
        "What was changed": "; ".join(changed) or "nothing",
        "Why it ended": str(close.get("reason", "it has not ended")),
        "Runbook": str(close.get("runbook") or "not said"),
        "Correlation id": str(records[0].body.get("correlation_id", "")),
    }


def _figures(records: Sequence[AuditRecord]) -> list[Figure]:
    seen = [one for record in records for one in observe(record, records)]
    return [one for one in figures(seen) if one.samples]


def _decided(record: AuditRecord) -> Decided:
    decision = record.body["decision"]
    return Decided(record.ts, decision["verdict"], record.mode, decision["rows"])


def _helped(done: Remediation | None, close: dict[str, Any], harm: dict[str, Any] | None, label: Label) -> str:
    """Whether automation helped or hindered; what a person says comes first."""
    itself = _by_itself(done, close, harm)
    spoken = {
        Label.HARMFUL: "An operator says that it did harm. ",
        Label.FALSE_POSITIVE: "An operator says that nothing was wrong. ",
        Label.TRUE_POSITIVE: "An operator says that it was right. ",
    }
    return spoken.get(label, "") + itself


def _by_itself(done: Remediation | None, close: dict[str, Any], harm: dict[str, Any] | None) -> str:
    reason = close.get("reason", "it has not ended")
    if harm:
        return f"It hindered: {harm['reason']}."
    if done is None:
        return f"It neither helped nor hindered: nothing was done ({reason})."
    if done.worse:
        return f"It hindered: a probe measured that it got worse ({reason})."
    if done.succeeded:
        return f"It helped: every step was done and judged better {done.took_s:.0f} s after it was found."
    if done.partial:
        return f"It helped in part: not every step was done and judged better ({reason})."
    return f"It did not help: {reason}."


def _actions(
    found: dict[str, Any], close: dict[str, Any], harm: dict[str, Any] | None, done: Remediation | None
) -> list[str]:
    """What follows from how it went; whoever writes the postmortem adds what only people know."""
    policy, runbook = found["policy"], close.get("runbook") or "the runbook"
    items = [f"Say what the cause was, and what customers noticed from {_clock(found['observed_at'])} on"]
    if harm or (done and done.worse):
        items.append(
            f"Find out why {policy} made it worse; add a safeguard, or a test to the policy, that holds it back"
        )
        items.append(f"Decide how far {policy} may go until then: `edsr demotions add {policy} --to observe`")
    elif close.get("state") in FAILED:
        items.append(f"Find out why {policy} did not help: tune its rule, its playbook or its probe")
    if harm:
        items += [f"Release the kill switch for {scope} once it is safe" for scope in harm["scopes"]]
    items.append(f"Bring {runbook} up to date with what was done by hand")
    items.append("Say what it was, so that the measures count it: `edsr incidents label`")
    return items


def _clock(at: str) -> str:
    return f"{parse(at):%H:%M:%S} UTC"
