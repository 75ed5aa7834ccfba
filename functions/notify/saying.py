"""What a notice says: enough to know what is wrong, what was done, and what to do, without looking anything up."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from edsr import audit, legible
from edsr.model import AuditRecord, Severity, State
from edsr.notices import where_to_answer
from edsr.ports import Item
from edsr.protocol.case import Case

URGENCY = {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "info"}
"""Severities in the words that alerting services share."""

NO_ANSWER = "none is asked for"

LONGEST = 1_000
"""Characters of a line; what is longer is cut."""


class Facts(NamedTuple):
    """What is known of the incident that a notice is about: the incident with its items, its audit records and which
    rows hold none, the team that owns its subject, and where the page of approvals is, if there is one."""

    case: Case
    records: list[AuditRecord]
    unreadable: list[audit.Flaw]
    owner: str
    page: str = ""


def about(facts: Facts) -> dict[str, Any]:
    """The notice's fields that say what it is about."""
    incident = facts.case.incident
    found, policy = incident.finding, incident.policy
    return {
        "title": found.title,
        "owner": facts.owner,
        "service": found.subject.service or "",
        "source": found.source,
        "policy": policy.id,
        "severity": found.severity.value,
        "urgency": URGENCY[found.severity],
        "subject": found.subject.arn,
        "runbook": policy.runbook,
        "incident_id": incident.id,
        "correlation_id": found.correlation_id,
        "state": incident.state.value,
        "audit": line(_audit(facts)),
        "side_effects": line(_effects(facts.case)),
        "context": line(facts.case.context) or "nothing was looked up",
        "answer": where_to_answer(facts.page, incident.id) if incident.state is State.ASKED else NO_ANSWER,
    }


def everything(runbook: str) -> dict[str, Any]:
    """The same where automation stopped itself, which is about no incident."""
    return {
        "title": "automation goes on",
        "owner": "",
        "service": "",
        "source": "edsr",
        "policy": "",
        "severity": Severity.CRITICAL.value,
        "urgency": URGENCY[Severity.CRITICAL],
        "subject": "all",
        "runbook": runbook,
        "incident_id": "",
        "correlation_id": "",
        "state": "",
        "audit": "the chain of what was switched",
        "side_effects": "nothing is done automatically any more",
        "context": "nothing was looked up",
        "answer": NO_ANSWER,
    }


def line(text: str) -> str:
    """Text that others wrote, as one line of bounded length."""
    said = legible.line(text)
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _audit(facts: Facts) -> str:
    incident = facts.case.incident
    flaws = [*facts.unreadable, *audit.verify(incident.id, facts.records, incident.head)]
    count = f"{len(facts.records)} record{'' if len(facts.records) == 1 else 's'}"
    return f"{count}, intact" if not flaws else f"{count}, NOT INTACT: {flaws[0]}"


def _effects(case: Case) -> str:
    """What was done to the estate, step by step, as far as it is known."""
    done = [_effect(case, name, item) for name, item in _steps(case)]
    return "; ".join(done) or "nothing was done"


def _steps(case: Case) -> Iterable[tuple[str, Item]]:
    return sorted((name, item) for name, item in case.items.items() if name.startswith("STEP#"))


def _effect(case: Case, name: str, item: Item) -> str:
    _, number, direction = name.split("#")
    step = next((step for step in case.steps if step.n == int(number)), None)
    what = f"{step.action} on {step.target}" if step else f"step {number}"
    came = "nobody knows yet what came of it" if item["st"] == "INTENT" else str(item["st"])
    return f"{'undoing ' if direction == 'revert' else ''}{what}: {came}"
