"""The accounts: of what went well nothing is named, and each thing that a soak may find wrong is named for itself."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cli.audit import Checked
from edsr import audit
from edsr.audit import Flaw
from edsr.model import AuditRecord, Kind, State
from edsr.protocol.incident import Incident
from tests.soak.checking import violations
from tests.soak.evidence import Call, Evidence
from tests.things import ALIAS, AT, an_incident

DONE = {"step": 1, "direction": "apply", "status": "DONE"}
INTENT = {"step": 1, "direction": "apply", "target": ALIAS, "before": {"state": {}, "revision": "r-1"}}
ACT = {"decision": {"verdict": "act"}}


def chain(*records: tuple[Kind, dict[str, Any]]) -> list[AuditRecord]:
    head, made = audit.START, []
    for kind, body in records:
        made.append(audit.link(head, an_incident().id, kind, body, actor="test", at=AT, mode="automatic"))
        head = audit.Head(made[-1].seq, made[-1].hash)
    return made


def incident(state: State = State.RESOLVED) -> Incident:
    return replace(an_incident(), state=state)


def sound(**changes: Any) -> Evidence:
    """One finding of one subject, whose alias was shifted once, verified and closed."""
    found = incident().finding
    given: dict[str, Any] = {
        "episodes": frozenset({(ALIAS, found.episode)}),
        "incidents": (incident(),),
        "chains": {incident().id: chain((Kind.DECISION, ACT), (Kind.INTENT, INTENT), (Kind.OUTCOME, DONE))},
        "calls": (Call(ALIAS, "r-1", "r-2"),),
        "made": {ALIAS: "r-1"},
        "found": {ALIAS: "r-2"},
        "executions": (incident().id,),
        "audit": Checked(1, 3, 3, ()),
        "left": {"edsr-findings": 0},
    }
    return Evidence(**(given | changes))


def without(*kinds: Kind) -> dict[str, list[AuditRecord]]:
    bodies: dict[Kind, dict[str, Any]] = {Kind.DECISION: ACT, Kind.INTENT: INTENT, Kind.OUTCOME: DONE}
    return {incident().id: chain(*((kind, body) for kind, body in bodies.items() if kind not in kinds))}


ID = an_incident().id
EPISODE = an_incident().finding.episode
TWICE = (Call(ALIAS, "r-1", "r-2"), Call(ALIAS, "r-1", "r-3"))
CASES: dict[str, tuple[Callable[[], Evidence], str]] = {
    "an effect without an intent": (lambda: sound(chains=without(Kind.INTENT)), "without an intent"),
    "a step that took effect twice": (lambda: sound(calls=TWICE), f"{ID} step 1 apply took effect 2 times"),
    "a subject that was changed twice": (lambda: sound(calls=TWICE), f"{ALIAS} was changed 2 times"),
    "an outcome without an effect": (lambda: sound(calls=()), "is said to be done 1 times, and took effect 0 times"),
    "an effect without an outcome": (
        lambda: sound(chains=without(Kind.OUTCOME)),
        "took effect 1 times, and is said to be done 0 times",
    ),
    "a change that the witness missed": (lambda: sound(found={ALIAS: "r-9"}), "no witness saw how it came there"),
    "a finding that was lost": (lambda: sound(incidents=()), f"the finding {EPISODE} of {ALIAS} is lost"),
    "a finding that nobody sent": (lambda: sound(episodes=frozenset()), "nobody sent the finding"),
    "a finding that became two incidents": (lambda: sound(incidents=(incident(),) * 2), "became 2 incidents"),
    "a subject that is always refused": (
        lambda: sound(incidents=(incident(State.SUPPRESSED),)),
        f"{ALIAS} was never attended to",
    ),
    "an incident that stays open": (lambda: sound(incidents=(incident(State.RUNNING),)), f"{ID} is still RUNNING"),
    "an intent that nobody answers": (lambda: sound(chains=without(Kind.OUTCOME)), "nobody says what came of it"),
    "an incident that is executed twice": (lambda: sound(executions=(ID, ID)), f"{ID} was executed 2 times"),
    "an execution that nobody decided on": (lambda: sound(chains=without(Kind.DECISION)), "nobody decided to act"),
    "a chain that is broken": (lambda: sound(audit=Checked(1, 3, 3, (Flaw(ID, 2, "removed"),))), f"{ID} record 2"),
    "a record that is not exported": (lambda: sound(audit=Checked(1, 3, 2, ())), "1 of 3 audit records"),
    "a message that nobody took": (lambda: sound(left={"edsr-bus-dlq": 2}), "queue edsr-bus-dlq holds 2 messages"),
}


def test_of_what_went_well_nothing_is_named() -> None:
    assert violations(sound()) == []


@pytest.mark.parametrize("case", CASES)
def test_it_is_named(case: str) -> None:
    make, named = CASES[case]
    assert [said for said in violations(make()) if named in said] != []


def test_an_escalated_incident_may_not_know_what_came_of_its_intent() -> None:
    assert violations(sound(chains=without(Kind.OUTCOME), incidents=(incident(State.ESCALATED),))) == []


def test_a_step_that_is_tried_again_has_one_effect_and_one_outcome() -> None:
    steps = ((Kind.DECISION, ACT), (Kind.INTENT, INTENT), (Kind.INTENT, INTENT), (Kind.OUTCOME, DONE))
    assert violations(sound(chains={ID: chain(*steps)})) == []
