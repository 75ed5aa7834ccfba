"""The gate chain: every gate gives its row, and together they make the verdict; pure, so that it runs anywhere."""

import hashlib
from collections.abc import Callable
from typing import NamedTuple

from decide.facts import Facts
from decide.gates.age import age
from decide.gates.approval import approval
from decide.gates.breaker import breaker
from decide.gates.canary import canary
from decide.gates.claim import claim
from decide.gates.concurrency import concurrency
from decide.gates.confirmations import confirmations
from decide.gates.cooldown import cooldown, repeated
from decide.gates.error_budget import error_budget
from decide.gates.harm import harm
from decide.gates.kill_switch import kill_switch
from decide.gates.latch import latch
from decide.gates.mode import in_effect, mode
from decide.gates.origin import origin
from decide.gates.protection import protection
from decide.gates.rate import rate
from decide.gates.recovered import recovered
from decide.gates.relapse import relapse
from decide.gates.settling import settling
from decide.gates.storm import storm
from decide.gates.storm_begins import storm_begins
from decide.gates.subject_busy import subject_busy
from decide.gates.where import where
from decide.gates.window import window
from edsr.canonical import written
from edsr.model import Decision, DecisionVerdict, Finding, Row
from edsr.policy import Policy


class Gate(NamedTuple):
    """A gate, and what the decision becomes when it does not allow."""

    check: Callable[[Finding, Policy, Facts], Row]
    refusal: DecisionVerdict


CHAIN = (
    Gate(claim, DecisionVerdict.SUPPRESS),
    Gate(kill_switch, DecisionVerdict.SUPPRESS),
    Gate(origin, DecisionVerdict.OBSERVE),
    Gate(age, DecisionVerdict.OBSERVE),
    Gate(recovered, DecisionVerdict.OBSERVE),
    Gate(where, DecisionVerdict.OBSERVE),
    Gate(protection, DecisionVerdict.OBSERVE),
    Gate(window, DecisionVerdict.SUPPRESS),
    Gate(confirmations, DecisionVerdict.SUPPRESS),
    Gate(cooldown, DecisionVerdict.SUPPRESS),
    Gate(subject_busy, DecisionVerdict.SUPPRESS),
    Gate(settling, DecisionVerdict.SUPPRESS),
    Gate(harm, DecisionVerdict.OBSERVE),
    Gate(relapse, DecisionVerdict.ESCALATE),
    Gate(storm, DecisionVerdict.OBSERVE),
    Gate(storm_begins, DecisionVerdict.ESCALATE),
    Gate(rate, DecisionVerdict.SUPPRESS),
    Gate(concurrency, DecisionVerdict.SUPPRESS),
    Gate(error_budget, DecisionVerdict.SUPPRESS),
    Gate(breaker, DecisionVerdict.ESCALATE),
    Gate(latch, DecisionVerdict.ESCALATE),
    Gate(mode, DecisionVerdict.OBSERVE),
    Gate(canary, DecisionVerdict.ASK),
    Gate(approval, DecisionVerdict.ASK),
)
"""In the order in which a person would ask; all of them are always asked."""

PRECEDENCE = (
    DecisionVerdict.SUPPRESS,
    DecisionVerdict.OBSERVE,
    DecisionVerdict.ESCALATE,
    DecisionVerdict.ASK,
    DecisionVerdict.ACT,
)
"""The first that any gate calls for is the verdict. Watching a policy wakes nobody: observe comes before escalate."""

STORMS = ("storm", "storm-begins")
TURNS = ("rate", "concurrency", "error-budget")
"""What only waits for its turn is part of a storm all the same: a person is told, though nothing could be done now."""


def decide(finding: Finding, policy: Policy, facts: Facts) -> Decision:
    """Ask every gate; the same finding, policy and facts always give the same decision, byte for byte."""
    rows = tuple(gate.check(finding, policy, facts) for gate in CHAIN)
    verdict = _verdict(rows)
    if verdict is DecisionVerdict.ESCALATE and facts.observed.escalated and (row := repeated(finding, policy, facts)):
        rows = tuple(row if each.gate == row.gate else each for each in rows)
        verdict = _verdict(rows)  # a person has been told of it
    return Decision(
        id="d-" + hashlib.sha256(written([finding.id, policy.digest, rows])).hexdigest()[:26],
        finding_id=finding.id,
        policy=policy.id,
        policy_digest=policy.digest,
        mode=in_effect(policy, facts),
        verdict=verdict,
        rows=rows,
        playbook=policy.respond.playbook,
        decided_at=facts.now,
    )


def _verdict(rows: tuple[Row, ...]) -> DecisionVerdict:
    stormy = any(row.gate in STORMS and not row.allowed for row in rows)
    asked = ((gate, row) for gate, row in zip(CHAIN, rows, strict=True) if not (stormy and row.gate in TURNS))
    called = {_calls_for(gate, row) for gate, row in asked}
    return next(verdict for verdict in PRECEDENCE if verdict in called)


def _calls_for(gate: Gate, row: Row) -> DecisionVerdict:
    if row.allowed:
        return DecisionVerdict.ACT
    return DecisionVerdict.ESCALATE if row.observed is None else gate.refusal
