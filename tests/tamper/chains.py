"""Chains to tamper with: 1,000 records of every kind as the suite writes them, and a month's control records."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from decide.chain import decide
from decide.facts import Facts
from edsr import audit
from edsr.audit import START, Head
from edsr.model import AuditRecord, Kind, Mode
from edsr.protocol.admission import body_of
from edsr.times import iso
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy

RECORDS = 1_000
INCIDENT, OTHER = a_finding().incident_id, a_finding(episode="2026-03-02T04:00:00.000Z").incident_id
MONTH, NEXT_MONTH = "CTL#2026-03", "CTL#2026-04"
CORRELATION = "bestellung-m\u00fcnchen-0042"
"""A team's own, and not ASCII: text can be spelled in two ways that look the same."""

CYCLE = (
    Kind.DECISION,
    Kind.PLAN,
    *(Kind.APPROVAL,) * 2,
    *(Kind.INTENT, Kind.OUTCOME) * 16,
    Kind.CLOSE,
    Kind.CONTROL,
    Kind.SUPPRESSED,
    Kind.CONTROL,
)
BETWEEN = timedelta(milliseconds=250)
VERSIONS = ("1", "2")


def head_of(records: Sequence[AuditRecord], start: Head = START) -> Head:
    """Where a chain stands after these records."""
    return Head(records[-1].seq, records[-1].hash) if records else start


def a_chain(
    chain_id: str, length: int = RECORDS, *, kinds: Sequence[Kind] = CYCLE, start: Head = START
) -> list[AuditRecord]:
    """A chain as the suite would have written it."""
    chain: list[AuditRecord] = []
    for n in range(length):
        kind = kinds[n % len(kinds)]
        said = {"correlation_id": CORRELATION, **_BODIES[kind](n)}
        at = AT + n * BETWEEN
        chain.append(
            audit.link(head_of(chain, start), chain_id, kind, said, actor=_ACTORS[kind], at=at, mode=Mode.AUTOMATIC)
        )
    return chain


def _decision(n: int) -> dict[str, Any]:
    found = a_finding(correlation_id=CORRELATION, evidence={"alarm": "canary", "threshold": 0.05, "datapoints": [n]})
    return body_of(found, decide(found, a_policy(), Facts(now=AT, switches=("all",) if n % 2 else ())))


def _plan(n: int) -> dict[str, Any]:
    step = {
        "n": 1,
        "action": "shift-alias",
        "function": "edsr-act-shift-alias",
        "class": "A",
        "target": ALIAS,
        "args": {"version": "1"},
        "pre": {"version": "2", "weights": {}},
        "pre_hash": f"{n:064x}",
        "reversible": True,
        "revertible": False,
        "verify": {"probe": "alarm-is-ok", "args": {"alarm": "canary"}, "within": 300, "every": 30},
    }
    return {
        "v": 1,
        "incident_id": INCIDENT,
        "digest": f"{n:064x}",
        "decision_id": f"d-{n}",
        "playbook": a_playbook().id,
        "stages": [{"steps": [step], "max-parallel": 1, "tolerate": 0}],
        "rows": [{"gate": "blast-radius", "allowed": True, "observed": 1, "limit": 5, "reason": "1 of 20 targets"}],
        "deadline": iso(AT + timedelta(hours=2)),
    }


def _approval(n: int) -> dict[str, Any]:
    return {"answer": "approved", "by": "ann", "asked": n, "digest": f"{n:064x}", "complete": True}


def _intent(n: int) -> dict[str, Any]:
    verdict = {"v": 1, "step": 1, "judged": "better", "observed": "OK", "at": iso(AT)}
    return {
        "step": n,
        "direction": "apply",
        "action": "shift-alias",
        "target": ALIAS,
        "args": {"version": VERSIONS[n % 2]},
        "before": {"version": VERSIONS[(n + 1) % 2], "weights": {"3": 0.1}},
        "fence": n + 1,
        "attempt": 1,
        "verdicts": [verdict],
    }


def _outcome(n: int) -> dict[str, Any]:
    return {
        "v": 1,
        "step": n,
        "direction": "apply",
        "status": "DONE",
        "before": {"version": VERSIONS[n % 2]},
        "after": {"version": VERSIONS[(n + 1) % 2]},
        "undo": None,
        "fence": n,
        "at": iso(AT + n * BETWEEN),
        "action": "shift-alias",
        "target": ALIAS,
    }


def _close(n: int) -> dict[str, Any]:
    return {
        "state": "RESOLVED",
        "reason": "every probe judged it better",
        "verdicts": [],
        "policy": "lambda-canary-rollback",
        "runbook": "docs/runbooks/lambda-canary-rollback.md",
        "took_ms": 31_000 + n,
    }


def _control(n: int) -> dict[str, Any]:
    return {"act": "engage", "scope": f"service:checkout-{n}", "reason": "a drill", "undo": True, "until": None}


_BODIES: dict[Kind, Callable[[int], dict[str, Any]]] = {
    Kind.DECISION: _decision,
    Kind.SUPPRESSED: lambda n: {**_decision(n), "count": n},
    Kind.PLAN: _plan,
    Kind.APPROVAL: _approval,
    Kind.INTENT: _intent,
    Kind.OUTCOME: _outcome,
    Kind.CLOSE: _close,
    Kind.CONTROL: _control,
}
_ACTORS = {
    Kind.DECISION: "decide",
    Kind.SUPPRESSED: "decide",
    Kind.PLAN: "plan",
    Kind.APPROVAL: "ann",
    Kind.INTENT: "edsr-act-shift-alias",
    Kind.OUTCOME: "edsr-act-shift-alias",
    Kind.CLOSE: "close",
    Kind.CONTROL: "arn:aws:iam::123456789012:user/on-call",
}
