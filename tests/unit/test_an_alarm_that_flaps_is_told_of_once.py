"""Ten transitions in ten minutes are one incident, in whatever order and how often they come."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.policy.backtest.simulated import Simulated
from decide.chain import decide
from decide.gates.cooldown import cooldown
from edsr.model import Finding, Mode
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.protocol.demotions import Demotion
from edsr.protocol.observing import Observed, observe, observed
from edsr.times import epoch, iso
from tests.things import ALIAS, AT, a_finding, a_policy
from tests.unit.attempts import values
from tests.unit.test_each_gate_allows_refuses_or_does_not_know import row

FOUND = a_finding()
SEEN = epoch(FOUND.observed_at)
WATCHING = a_policy(Mode.OBSERVE)
UNSEEN = Observed()


def seen_at(seconds: int, **changes: Any) -> Finding:
    """The alarm's transition so many seconds after FOUND's."""
    when = FOUND.observed_at + timedelta(seconds=seconds)
    return a_finding(episode=iso(when), observed_at=when, **changes)


FLAPPING = [seen_at(60 * n) for n in range(10)]


def told(policy: Policy, arrivals: list[Finding], late: int = 0, suite: Simulated | None = None) -> list[str]:
    """The verdicts that are no repeats, when these come one after the other once the last was seen, or later."""
    suite, verdicts = suite or Simulated(), []
    for n, found in enumerate(arrivals):
        now = AT + timedelta(seconds=540 + late + n)
        decision = decide(found, policy, suite.facts(found, policy, now))
        suite.note(found, policy, decision, now)
        verdicts.append(decision.verdict.value)
    return [verdict for verdict in verdicts if verdict != "suppress"]


@given(st.permutations(list(range(10)) * 2))
def test_ten_transitions_in_any_order_and_twice_are_one_incident(order: list[int]) -> None:
    arrivals = [FLAPPING[n] for n in order]
    assert told(WATCHING, arrivals) == ["observe"]
    assert told(a_policy(), arrivals) == ["act"]


def test_their_duplicates_hours_later_are_still_the_same_incident() -> None:
    suite = Simulated()
    assert told(WATCHING, FLAPPING, suite=suite) == ["observe"]
    assert told(WATCHING, FLAPPING[::-1], late=7200, suite=suite) == []


def test_what_comes_after_the_cooldown_is_told_again() -> None:
    assert told(WATCHING, [seen_at(0), seen_at(899), seen_at(900)]) == ["observe", "observe"]


@pytest.mark.parametrize(("apart", "allowed"), [(-900, True), (-899, False), (0, False), (899, False), (900, True)])
def test_only_what_is_seen_within_the_cooldown_repeats(apart: int, allowed: bool) -> None:
    said = row(cooldown, policy=WATCHING, finding=seen_at(apart), observed=Observed("i-1", SEEN))
    assert said.allowed is allowed
    assert said.limit == 900
    assert ("it repeats i-1" in said.reason) is not allowed


@pytest.mark.parametrize("mode", [Mode.APPROVE, Mode.AUTOMATIC])
def test_what_was_only_observed_never_keeps_a_policy_from_acting(mode: Mode) -> None:
    assert row(cooldown, policy=a_policy(mode), observed=Observed("i-1", SEEN)).allowed


def test_a_policy_that_a_person_demoted_to_observe_tells_once_too() -> None:
    demoted = Demotion(Mode.OBSERVE, "ada", "noisy")
    assert not row(cooldown, observed=Observed("i-1", SEEN), demoted=demoted).allowed


@pytest.mark.parametrize("origin", ["replay", "synthetic"])
def test_what_is_not_live_neither_hides_nor_is_hidden(origin: str) -> None:
    assert row(cooldown, policy=WATCHING, finding=seen_at(0, origin=origin), observed=Observed("i-1", SEEN)).allowed
    assert writes(seen_at(0, origin=origin)) == []


def writes(found: Finding, policy: Policy = WATCHING, stands: Observed = UNSEEN) -> list[Any]:
    facts = Simulated().facts(found, policy, AT)
    return observe(found, decide(found, policy, facts), policy, stands, AT)


def test_the_first_makes_the_item_and_the_next_replaces_what_it_read() -> None:
    (first,) = writes(FOUND)
    assert (first.key, first.condition) == (keys.observed(WATCHING.id, ALIAS), "attribute_not_exists(#pk)")
    assert first.item is not None
    assert observed(first.item) == Observed(FOUND.incident_id, SEEN)
    assert first.item["ttl"] == epoch(AT) + 900 + 35 * 86_400
    (later,) = writes(seen_at(0), stands=Observed("i-1", SEEN - 1000))
    assert (later.condition, values(later)) == ("#at = :at", {":at": SEEN - 1000})


def test_an_older_one_a_later_clock_and_a_policy_that_acts_leave_it_as_it_stands() -> None:
    assert writes(FOUND, stands=Observed("i-1", SEEN + 1000)) == []
    assert writes(seen_at(30 + 61)) == []
    assert len(writes(seen_at(30 + 60))) == 1
    assert writes(FOUND, a_policy()) == []


NOT_KNOWN = {"switches": None}
"""A fact that is not known escalates."""


def escalated(arrivals: list[Finding], policy: Policy, **changes: Any) -> list[str]:
    """The verdicts, where a fact is not known."""
    suite, verdicts = Simulated(), []
    for found in arrivals:
        now = max(AT + timedelta(seconds=540), found.observed_at)
        facts = suite.facts(found, policy, now)._replace(**changes)
        decision = decide(found, policy, facts)
        suite.note(found, policy, decision, now)
        verdicts.append(decision.verdict.value)
    return verdicts


@given(st.permutations(list(range(10)) * 2), st.sampled_from([Mode.APPROVE, Mode.AUTOMATIC]))
def test_a_person_is_told_once_of_an_alarm_that_flaps(order: list[int], mode: Mode) -> None:
    verdicts = escalated([FLAPPING[n] for n in order], a_policy(mode), **NOT_KNOWN)
    assert verdicts == ["escalate", *["suppress"] * 19]


def test_what_a_person_was_told_keeps_no_policy_from_acting() -> None:
    told_of = Observed("i-1", SEEN - 60, escalated=True)
    facts = Simulated().facts(FOUND, a_policy(), AT)._replace(observed=told_of)
    assert decide(FOUND, a_policy(), facts).verdict.value == "act"
    held = decide(FOUND, a_policy(), facts._replace(switches=None))
    assert held.verdict.value == "suppress"
    assert {each.gate: each.reason for each in held.rows}["cooldown"] == "it repeats i-1, seen 60 s from it"


def test_what_was_only_observed_before_is_told_to_a_person_now() -> None:
    facts = Simulated().facts(FOUND, a_policy(), AT)._replace(observed=Observed("i-1", SEEN - 60), switches=None)
    decision = decide(FOUND, a_policy(), facts)
    assert decision.verdict.value == "escalate"
    (write,) = observe(FOUND, decision, a_policy(), Observed("i-1", SEEN - 60), AT)
    assert observed(write.item) == Observed(FOUND.incident_id, SEEN, escalated=True)


def test_what_is_told_again_after_the_cooldown_is_another_incident() -> None:
    assert escalated([seen_at(0), seen_at(899), seen_at(900)], a_policy(), **NOT_KNOWN) == [
        "escalate",
        "suppress",
        "escalate",
    ]
