"""All gates are always asked; the strictest answer is the verdict; the same question has the same answer."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decide.chain import CHAIN, PRECEDENCE, decide
from decide.facts import Facts, Harm
from edsr.budget import HEALTHY, Budget, Burn
from edsr.limits import Limit
from edsr.model import Finding, Mode
from edsr.policy import Policy
from edsr.protocol.acting import Compared
from edsr.protocol.confirming import Confirming
from edsr.protocol.rates import Used
from edsr.protocol.storms import Weather
from edsr.times import epoch
from tests.things import AT, a_finding, a_policy, a_subject

NAMES = [
    "claim", "kill-switch", "origin", "age", "recovered", "where", "protection", "window", "confirmations", "cooldown",
    "subject-busy", "settling", "harm", "relapse", "storm", "storm-begins", "rate", "concurrency", "error-budget",
    "breaker", "latch", "mode", "canary", "approval",
]  # fmt: skip
USED_UP = Used("all", Limit(1, timedelta(minutes=1)), (epoch(AT),))
QUIET: dict[str, Any] = {"now": AT, "switches": ()}
GUARDED = {
    "confirmations": {"count": 2},
    "canary": {"percent": 50},
    "window": {"deny": ["cron(6 3 2 3 ? 2026)/PT1M"]},
    "error-budget": {"objective": "checkout-availability", "max-burn-rate": 5, "min-budget-left": 10},
}
"""Every safeguard that does nothing when it is left out."""

CONFIRMED: dict[str, Any] = QUIET | {
    "confirming": Confirming({"another": epoch(AT)}),
    "place": 0,
    "budget": HEALTHY,
}
ORIGINS = get_args(Finding.model_fields["origin"].annotation)

REFUSALS: dict[str, tuple[dict[str, Any], dict[str, Any], Mode]] = {
    "claim": ({}, {"claimed": "i-1"}, Mode.AUTOMATIC),
    "kill-switch": ({}, {"switches": ("all",)}, Mode.AUTOMATIC),
    "origin": ({"origin": "replay"}, {}, Mode.AUTOMATIC),
    "recovered": ({}, {"recovered": epoch(AT)}, Mode.AUTOMATIC),
    "age": ({"observed_at": AT - timedelta(hours=1)}, {}, Mode.AUTOMATIC),
    "where": ({"subject": a_subject(environment="dev")}, {}, Mode.AUTOMATIC),
    "protection": ({}, {"protected": "it is the ledger"}, Mode.AUTOMATIC),
    "window": ({}, {"now": AT + timedelta(minutes=1)}, Mode.AUTOMATIC),
    "confirmations": ({}, {"confirming": Confirming()}, Mode.AUTOMATIC),
    "cooldown": ({}, {"cooling": {"lambda-canary-rollback": epoch(AT) + 60}}, Mode.AUTOMATIC),
    "subject-busy": ({}, {"holder": "i-2", "held_until": epoch(AT) + 60}, Mode.AUTOMATIC),
    "settling": ({}, {"harm": Harm("i-9", Compared(None, "soon", early=True))}, Mode.AUTOMATIC),
    "harm": ({}, {"harm": Harm("i-9", Compared(True, "it is"))}, Mode.AUTOMATIC),
    "relapse": ({}, {"undone": {"lambda-alias-rollback": epoch(AT) - 60}}, Mode.AUTOMATIC),
    "storm": ({}, {"weather": Weather({}, "i-9", epoch(AT))}, Mode.AUTOMATIC),
    "storm-begins": ({}, {"weather": Weather({str(n): epoch(AT) for n in range(9)})}, Mode.AUTOMATIC),
    "rate": ({}, {"rates": (USED_UP,)}, Mode.AUTOMATIC),
    "concurrency": ({}, {"holders": frozenset({"i-2"})}, Mode.AUTOMATIC),
    "error-budget": ({}, {"budget": HEALTHY._replace(left=Decimal(9))}, Mode.AUTOMATIC),
    "breaker": ({}, {"breaker": {"state": "open", "reopen_at": epoch(AT)}}, Mode.AUTOMATIC),
    "latch": ({}, {"denied": {"shift-alias": "i-9"}}, Mode.AUTOMATIC),
    "mode": ({}, {}, Mode.OBSERVE),
    "canary": ({}, {"place": 5000}, Mode.AUTOMATIC),
    "approval": ({}, {}, Mode.APPROVE),
}
CALLS_FOR = {
    "claim": "suppress",
    "kill-switch": "suppress",
    "origin": "observe",
    "age": "observe",
    "recovered": "observe",
    "where": "observe",
    "protection": "observe",
    "window": "suppress",
    "confirmations": "suppress",
    "cooldown": "suppress",
    "subject-busy": "suppress",
    "settling": "suppress",
    "harm": "observe",
    "relapse": "escalate",
    "storm": "observe",
    "storm-begins": "escalate",
    "rate": "suppress",
    "concurrency": "suppress",
    "error-budget": "suppress",
    "breaker": "escalate",
    "latch": "escalate",
    "mode": "observe",
    "canary": "ask",
    "approval": "ask",
}


def test_when_every_gate_allows_it_is_act() -> None:
    decision = decide(a_finding(), a_policy(), Facts(**QUIET))
    assert decision.verdict == "act"
    assert [row.gate for row in decision.rows] == NAMES
    assert all(row.allowed and row.reason for row in decision.rows)
    assert decision.playbook == "lambda-alias-rollback"


@pytest.mark.parametrize("gate", NAMES)
def test_when_one_gate_refuses_the_others_rows_are_kept(gate: str) -> None:
    finding, facts, mode = REFUSALS[gate]
    decision = decide(a_finding(**finding), a_policy(mode, safeguards=GUARDED), Facts(**CONFIRMED | facts))
    assert [row.gate for row in decision.rows] == NAMES
    assert [row.gate for row in decision.rows if not row.allowed] == [gate]
    assert decision.verdict == CALLS_FOR[gate]


@pytest.mark.parametrize(
    ("finding", "facts", "mode", "verdict"),
    [
        ({}, {"switches": None}, Mode.AUTOMATIC, "escalate"),
        ({}, {"switches": None}, Mode.OBSERVE, "observe"),
        ({}, {"switches": None, "claimed": "i-1"}, Mode.AUTOMATIC, "suppress"),
        ({"subject": a_subject(tier=None)}, {}, Mode.AUTOMATIC, "escalate"),
        ({"subject": a_subject(tier=None)}, {}, Mode.OBSERVE, "observe"),
        ({"subject": a_subject(tier=None), "origin": "replay"}, {}, Mode.AUTOMATIC, "observe"),
        ({"subject": a_subject(tier=None)}, {"switches": ("all",)}, Mode.AUTOMATIC, "suppress"),
        ({"origin": "replay"}, {"holder": "i-2", "held_until": epoch(AT)}, Mode.AUTOMATIC, "suppress"),
        ({"subject": a_subject(tier=None)}, {}, Mode.APPROVE, "escalate"),
        ({"origin": "replay"}, {}, Mode.APPROVE, "observe"),
        ({}, {"careful": ("reboot",)}, Mode.AUTOMATIC, "ask"),
        ({}, {"careful": ("reboot",)}, Mode.OBSERVE, "observe"),
        ({}, {"harm": Harm("i-9", Compared(None, "no figures"))}, Mode.AUTOMATIC, "escalate"),
        ({}, {"harm": Harm("i-9", Compared(None, "no figures"))}, Mode.OBSERVE, "observe"),
        ({}, {"harm": Harm("i-9", Compared(True, "it is"), under_way=True)}, Mode.OBSERVE, "suppress"),
        ({}, {"harm": Harm("i-9", Compared(False, "it is not"), under_way=True)}, Mode.AUTOMATIC, "act"),
        ({}, {"undone": {"lambda-alias-rollback": epoch(AT)}}, Mode.OBSERVE, "observe"),
        ({}, {"undone": {"lambda-alias-rollback": epoch(AT)}}, Mode.APPROVE, "escalate"),
    ],
)
def test_suppress_comes_before_observe_before_escalate_before_ask_before_act(
    finding: dict[str, Any], facts: dict[str, Any], mode: Mode, verdict: str
) -> None:
    assert decide(a_finding(**finding), a_policy(mode), Facts(**QUIET | facts)).verdict == verdict


TURNS: list[dict[str, Any]] = [{"rates": (USED_UP,)}, {"holders": frozenset({"i-2"})}]


@pytest.mark.parametrize("turn", TURNS)
def test_a_storm_is_told_of_though_nothing_more_could_be_done_now(turn: dict[str, Any]) -> None:
    many, told = Weather({str(n): epoch(AT) for n in range(9)}), Weather({}, "i-9", epoch(AT))
    assert decide(a_finding(), a_policy(), Facts(**QUIET | turn)).verdict == "suppress"
    assert decide(a_finding(), a_policy(), Facts(**QUIET | turn | {"weather": many})).verdict == "escalate"
    assert decide(a_finding(), a_policy(), Facts(**QUIET | turn | {"weather": told})).verdict == "observe"


FINDINGS = st.builds(
    lambda origin, age, subject: a_finding(origin=origin, observed_at=AT - timedelta(seconds=age), subject=subject),
    st.sampled_from(ORIGINS),
    st.integers(-100, 2000),
    st.builds(
        lambda environment, tier: a_subject(environment=environment, tier=tier),
        st.sampled_from(["prod", "dev", None]),
        st.sampled_from([0, 2, 3, None]),
    ),
)
POLICIES = st.sampled_from(
    [a_policy(mode, **also) for mode in Mode for also in ({}, {"where": None}, {"safeguards": GUARDED})]
)
FIGURES = st.none() | st.decimals()
BURNS = st.builds(Burn, FIGURES, FIGURES)
FACTS = st.builds(
    Facts,
    now=st.sampled_from([AT, AT + timedelta(minutes=1)]),
    claimed=st.sampled_from([None, "i-1"]),
    holder=st.sampled_from([None, "i-2"]),
    held_until=st.integers(epoch(AT) - 1, epoch(AT) + 1),
    cooling=st.dictionaries(st.just("lambda-canary-rollback"), st.integers(epoch(AT) - 1, epoch(AT) + 1)),
    latched=st.booleans(),
    undone=st.dictionaries(st.just("lambda-alias-rollback"), st.integers(epoch(AT) - 3601, epoch(AT) + 1)),
    careful=st.sampled_from([(), ("reboot",)]),
    switches=st.sampled_from([None, (), ("all",), ("service:other",)]),
    rates=st.sampled_from([(), (USED_UP,)]),
    holders=st.frozensets(st.sampled_from(["i-2", "i-3"])),
    breaker=st.sampled_from([{}, {"state": "open", "reopen_at": epoch(AT)}, {"state": "half", "probe_owner": "i-2"}]),
    denied=st.sampled_from([{}, {"shift-alias": "i-9"}]),
    protected=st.sampled_from(["", "it is the ledger"]),
    confirming=st.builds(Confirming, st.dictionaries(st.sampled_from("abc"), st.integers(epoch(AT) - 601, epoch(AT)))),
    weather=st.builds(
        Weather,
        st.dictionaries(st.sampled_from("abcdefghijk"), st.integers(epoch(AT) - 301, epoch(AT))),
        st.sampled_from(["", "i-9", a_finding().incident_id]),
        st.integers(epoch(AT) - 1, epoch(AT) + 1),
    ),
    place=st.sampled_from([None, 0, 4999, 5000, 9999]),
    budget=st.builds(Budget, BURNS, BURNS, FIGURES),
    harm=st.builds(
        Harm,
        st.sampled_from(["", "i-9"]),
        st.builds(Compared, st.sampled_from([True, False, None]), st.just("so it is"), st.booleans()),
        st.booleans(),
    ),
)


@given(FINDINGS, POLICIES, FACTS)
def test_a_gate_that_refuses_never_leads_to_act(finding: Finding, policy: Policy, facts: Facts) -> None:
    decision = decide(finding, policy, facts)
    assert (decision.verdict == "act") == all(row.allowed for row in decision.rows)


@given(FINDINGS, POLICIES, FACTS)
def test_what_is_not_known_never_allows_and_no_row_is_ever_left_out(
    finding: Finding, policy: Policy, facts: Facts
) -> None:
    decision = decide(finding, policy, facts)
    assert [row.gate for row in decision.rows] == NAMES
    assert not any(row.allowed and row.observed is None for row in decision.rows)
    assert all(row.reason for row in decision.rows)


@given(FINDINGS, POLICIES, FACTS)
def test_the_same_question_has_the_same_answer_byte_for_byte(finding: Finding, policy: Policy, facts: Facts) -> None:
    once, again = decide(finding, policy, facts), decide(finding, policy, facts)
    assert once.model_dump_json() == again.model_dump_json()


def test_every_verdict_a_gate_can_call_for_has_its_place() -> None:
    assert {gate.refusal for gate in CHAIN} <= set(PRECEDENCE)
