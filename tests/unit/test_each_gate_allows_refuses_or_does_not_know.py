"""Every gate, one by one: what it allows, what it refuses, and what it does not know."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decide.facts import Facts
from decide.gates.age import age
from decide.gates.approval import approval
from decide.gates.breaker import breaker
from decide.gates.canary import canary, place_of
from decide.gates.claim import claim
from decide.gates.concurrency import concurrency
from decide.gates.confirmations import confirmations
from decide.gates.cooldown import cooldown
from decide.gates.error_budget import error_budget
from decide.gates.kill_switch import kill_switch
from decide.gates.latch import latch
from decide.gates.mode import mode
from decide.gates.origin import origin
from decide.gates.protection import protection
from decide.gates.rate import rate
from decide.gates.relapse import relapse
from decide.gates.storm import storm
from decide.gates.storm_begins import storm_begins
from decide.gates.subject_busy import subject_busy
from decide.gates.where import where
from decide.gates.window import window
from decide.gather import careful
from edsr.budget import HEALTHY, Budget, Burn
from edsr.entries import Catalogue
from edsr.limits import Limit
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy
from edsr.protocol.confirming import Confirming
from edsr.protocol.rates import Used
from edsr.protocol.storms import Weather
from edsr.times import epoch
from tests.estate import ACCOUNT, REGION
from tests.things import AT, a_finding, a_playbook, a_policy, a_subject
from tests.unit.test_a_plan_leaves_nothing_open import an_action

NOW = epoch(AT)
Gate = Callable[[Finding, Policy, Facts], Row]


def row(gate: Gate, *, finding: Finding | None = None, policy: Policy | None = None, **facts: Any) -> Row:
    return gate(finding or a_finding(), policy or a_policy(), Facts(now=AT, **facts))


def test_claim_refuses_a_finding_that_an_incident_has() -> None:
    assert row(claim) == Row("claim", True, "", None, "not seen before")
    assert row(claim, claimed="i-1") == Row("claim", False, "i-1", None, "already taken up by i-1")


@pytest.mark.parametrize(
    "scope",
    ["all", "service:checkout", "policy:lambda-canary-rollback", f"account:{ACCOUNT}", f"region:{REGION}"],
)
def test_kill_switch_refuses_under_every_scope_that_covers_the_subject(scope: str) -> None:
    assert row(kill_switch, switches=(scope,)) == Row("kill-switch", False, scope, None, f"engaged for {scope}")


def test_kill_switch_allows_under_the_scopes_of_others() -> None:
    others = ("account:000000000000", "policy:another", "region:eu-west-1", "service:checkout2", "service:none")
    assert row(kill_switch, switches=others).allowed
    assert row(kill_switch, switches=()).allowed


def test_kill_switch_covers_a_subject_without_service_by_the_service_none() -> None:
    stray = a_finding(subject=a_subject(service=None))
    assert not row(kill_switch, finding=stray, switches=("service:none",)).allowed


def test_kill_switch_that_cannot_be_read_is_not_known_and_refuses() -> None:
    assert row(kill_switch, switches=None) == Row("kill-switch", False, None, None, "the kill switch cannot be read")


@pytest.mark.parametrize(
    ("said", "allowed"), [("event", True), ("sweep", True), ("replay", False), ("synthetic", False)]
)
def test_origin_allows_only_what_is_live(said: str, allowed: bool) -> None:
    assert row(origin, finding=a_finding(origin=said)).allowed is allowed


@pytest.mark.parametrize(
    ("seconds", "allowed"),
    [(0, True), (900, True), (900.9, True), (901, False), (10**8, False), (-60, True), (-61, False), (-(10**9), False)],
)
def test_age_refuses_what_is_older_than_a_quarter_of_an_hour_or_not_yet_seen(seconds: float, allowed: bool) -> None:
    assert row(age, finding=a_finding(observed_at=AT - timedelta(seconds=seconds))).allowed is allowed


def test_where_allows_what_it_covers() -> None:
    assert row(where).allowed
    assert row(where, policy=a_policy(where=None)).allowed


@pytest.mark.parametrize("change", [{"environment": "dev"}, {"tier": 3}, {"kind": "lambda:function"}])
def test_where_refuses_another_subject(change: dict[str, Any]) -> None:
    refused = row(where, finding=a_finding(subject=a_subject(**change)))
    assert (refused.allowed, refused.reason) == (False, "not a subject of this policy")
    assert refused.observed is not None


@pytest.mark.parametrize("name", ["environment", "tier"])
def test_where_does_not_know_a_subject_that_the_catalogue_does_not_know(name: str) -> None:
    unknown = row(where, finding=a_finding(subject=a_subject(**{name: None})))
    assert (unknown.allowed, unknown.observed) == (False, None)
    assert unknown.reason == f"{name} of the subject not known: not in the catalogue"


@pytest.mark.parametrize(("until", "allowed"), [(NOW - 1, True), (NOW, True), (NOW + 1, False), (NOW + 900, False)])
def test_cooldown_refuses_until_it_is_over(until: int, allowed: bool) -> None:
    said = row(cooldown, cooling={"lambda-canary-rollback": until, "another": NOW + 9999})
    assert (said.allowed, said.observed, said.limit) == (allowed, max(0, until - NOW), 900)


@pytest.mark.parametrize(("until", "allowed"), [(NOW - 1, True), (NOW, False), (NOW + 1, False)])
def test_subject_busy_refuses_while_another_incident_holds_it(until: int, allowed: bool) -> None:
    assert row(subject_busy, holder="i-2", held_until=until).allowed is allowed
    assert row(subject_busy, holder=None, held_until=until).allowed


def test_subject_busy_refuses_a_latched_subject_whoever_holds_it() -> None:
    latched = row(subject_busy, latched=True)
    assert (latched.allowed, latched.observed) == (False, "latched")


@pytest.mark.parametrize(("said", "allowed"), [(Mode.AUTOMATIC, True), (Mode.APPROVE, True), (Mode.OBSERVE, False)])
def test_mode_refuses_only_a_policy_that_observes(said: Mode, allowed: bool) -> None:
    assert row(mode, policy=a_policy(said)).allowed is allowed


@pytest.mark.parametrize(("ago", "allowed"), [(0, False), (3599, False), (3600, True), (10**6, True)])
def test_relapse_refuses_what_was_undone_on_the_subject_within_the_hour(ago: int, allowed: bool) -> None:
    said = row(relapse, undone={"lambda-alias-rollback": NOW - ago, "another": NOW})
    assert (said.allowed, said.observed, said.limit) == (allowed, ago, 3600)
    assert ("would go in circles" in said.reason) is not allowed


def test_relapse_refuses_what_was_undone_by_a_clock_that_is_ahead() -> None:
    assert not row(relapse, undone={"lambda-alias-rollback": NOW + 4}).allowed


def test_relapse_allows_what_was_never_undone_here() -> None:
    assert row(relapse, undone={"another": NOW}) == Row(
        "relapse", True, 0, 3600, "lambda-alias-rollback was not undone here lately"
    )


@pytest.mark.parametrize(("said", "allowed"), [(Mode.AUTOMATIC, True), (Mode.APPROVE, False), (Mode.OBSERVE, True)])
def test_approval_is_asked_for_where_the_policy_says_so(said: Mode, allowed: bool) -> None:
    asked = row(approval, policy=a_policy(said, safeguards={"approval": {"quorum": 2}}))
    assert (asked.allowed, asked.limit) == (allowed, 2)


@pytest.mark.parametrize("said", list(Mode))
def test_approval_is_asked_for_whatever_the_mode_before_what_cannot_be_taken_back(said: Mode) -> None:
    asked = row(approval, policy=a_policy(said), careful=("delete-volume", "reboot"))
    assert (asked.allowed, asked.observed) == (False, "delete-volume, reboot")
    assert asked.reason == "delete-volume, reboot is never done unasked: 1 must agree"


@pytest.mark.parametrize(
    ("changes", "asks"),
    [({}, False), ({"reversible": False}, True), ({"klass": "D"}, True), ({"klass": "C"}, False)],
)
def test_an_action_is_never_taken_unasked_when_it_is_irreversible_or_nobody_could_say_whether_it_was(
    changes: dict[str, Any], asks: bool
) -> None:
    known = Catalogue(actions={"shift-alias": an_action(**changes)}, probes={})
    assert careful(a_playbook(), known) == (("shift-alias",) if asks else ())


FEW = Limit(2, timedelta(minutes=15))


def test_rate_refuses_by_the_first_scope_that_is_used_up_and_says_when_it_is_not_any_more() -> None:
    scopes = (Used("subject:x", FEW, (NOW,)), Used("all", FEW, (NOW - 900, NOW)))
    refused = row(rate, rates=scopes)
    assert (refused.allowed, refused.observed, refused.limit) == (False, 2, 2)
    assert refused.reason == "2 in 0:15:00 is the most for all: the next may be in 5 s"


@pytest.mark.parametrize("stamps", [(), (NOW,), (NOW - 905, NOW), (NOW - 905, NOW - 906, NOW - 907)])
def test_rate_allows_where_enough_of_what_was_taken_is_long_ago(stamps: tuple[int, ...]) -> None:
    assert row(rate, rates=(Used("all", FEW, stamps),)).allowed


@pytest.mark.parametrize(
    ("holders", "most", "allowed"),
    [((), 1, True), (("i-2",), 1, False), (("i-2",), 2, True), (("i-2", "i-3"), 2, False)],
)
def test_concurrency_refuses_while_every_slot_is_taken(holders: tuple[str, ...], most: int, allowed: bool) -> None:
    policy = a_policy(safeguards={"concurrency": {"max": most}})
    said = row(concurrency, policy=policy, holders=frozenset(holders))
    assert (said.allowed, said.observed, said.limit) == (allowed, len(holders), most)


@pytest.mark.parametrize(
    ("stands", "allowed"),
    [
        ({}, True),
        ({"state": "closed"}, True),
        ({"state": "open", "reopen_at": NOW}, False),
        ({"state": "open", "reopen_at": NOW - 1}, True),
        ({"state": "half", "probe_owner": "i-2"}, False),
        ({"state": "half", "probe_owner": a_finding().incident_id}, True),
        ({"state": "half"}, True),
    ],
)
def test_breaker_refuses_what_an_intent_would_be_refused(stands: dict[str, Any], allowed: bool) -> None:
    assert row(breaker, breaker=stands).allowed is allowed


def test_latch_refuses_what_was_denied_in_the_account_and_says_by_which_incident() -> None:
    assert row(latch) == Row("latch", True, 0, 0, "no action is latched")
    refused = row(latch, denied={"shift-alias": "i-9"})
    assert not refused.allowed
    assert refused.reason.startswith(f"shift-alias was denied in account {ACCOUNT} by i-9")


def test_protection_refuses_a_protected_subject_and_says_why() -> None:
    assert row(protection).allowed
    assert row(protection, protected="it is the ledger").reason == "protected: it is the ledger"


NOW_ON = "cron(5 3 ? * MON *)/PT1H"
"""AT is a Monday, 03:05 in UTC."""
LATER = "cron(6 3 ? * MON *)/PT1H"


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ({}, True),
        ({"deny": [NOW_ON]}, False),
        ({"deny": [LATER]}, True),
        ({"allow": [NOW_ON]}, True),
        ({"allow": [LATER]}, False),
        ({"allow": [LATER, NOW_ON]}, True),
        ({"allow": [NOW_ON], "deny": [NOW_ON]}, False),
    ],
)
def test_window_lets_it_act_where_one_allows_it_and_none_denies_it(said: dict[str, Any], allowed: bool) -> None:
    assert row(window, policy=a_policy(safeguards={"window": said})).allowed is allowed


def test_window_names_the_calendar_that_denies_it_and_knows_no_calendar_that_is_not_there() -> None:
    freeze = a_policy(safeguards={"window": {"deny": ["calendar:freeze"]}})
    span = "cron(0 0 2 3 ? 2026)/P1D"
    denied = row(window, policy=freeze, calendars={"freeze": ("cron(0 0 1 1 ? 2026)/P1D", span)})
    assert (denied.allowed, denied.reason) == (False, f"denied during freeze, {span}")
    assert row(window, policy=freeze, calendars={"freeze": ("cron(0 0 3 3 ? 2026)/P1D",)}).allowed
    unknown = row(window, policy=freeze, calendars={"holidays": (span,)})
    assert (unknown.allowed, unknown.observed) == (False, None)


def test_window_lets_it_act_only_within_a_calendar_that_it_is_allowed() -> None:
    office = a_policy(safeguards={"window": {"allow": ["calendar:office"]}})
    assert row(window, policy=office, calendars={"office": ("cron(0 3 2 3 ? 2026)/PT1H",)}).allowed
    assert row(window, policy=office, calendars={"office": ("cron(0 9 2 3 ? 2026)/PT8H",)}).allowed is False


def others(count: int, ago: int = 0) -> dict[str, int]:
    return {f"arn:{n}": NOW - ago for n in range(count)}


@pytest.mark.parametrize(
    ("weather", "allowed"),
    [
        (Weather(others(8)), True),
        (Weather(others(9)), False),
        (Weather(others(9, ago=299)), False),
        (Weather(others(9, ago=300)), True),
        (Weather(others(8) | {a_subject()["arn"]: NOW}), True),
        (Weather(others(9), "i-9", NOW), True),
        (Weather(others(9), "i-9", NOW - 1), False),
        (Weather(others(9), a_finding().incident_id, NOW + 60), False),
    ],
)
def test_a_storm_begins_with_so_many_subjects_unless_a_person_knows(weather: Weather, allowed: bool) -> None:
    assert row(storm_begins, weather=weather).allowed is allowed


@pytest.mark.parametrize(("until", "allowed"), [(NOW + 9, False), (NOW, False), (NOW - 1, True)])
def test_a_storm_lasts_until_its_time_is_over(until: int, allowed: bool) -> None:
    assert row(storm, weather=Weather({}, "i-9", until)).allowed is allowed


@pytest.mark.parametrize(("percent", "place", "allowed"), [(25, 2499, True), (25, 2500, False), (0, 0, False)])
def test_canary_lets_it_act_unasked_within_its_share(percent: int, place: int, allowed: bool) -> None:
    policy = a_policy(safeguards={"canary": {"percent": percent}})
    assert row(canary, policy=policy, place=place).allowed is allowed


@given(st.text(min_size=1), st.integers(0, 100), st.integers(0, 100))
def test_a_greater_share_of_subjects_includes_a_smaller(subject: str, one: int, other: int) -> None:
    found = a_finding(subject=a_subject(arn=subject[:1024]))
    smaller, greater = (
        row(canary, finding=found, policy=a_policy(safeguards={"canary": {"percent": percent}})).allowed
        for percent in sorted((one, other))
    )
    assert greater or not smaller


def test_a_share_is_of_the_size_it_says_and_of_other_subjects_for_each_policy() -> None:
    subjects = [f"arn:aws:lambda:us-east-1:123456789012:function:f{n}:live" for n in range(4000)]
    within = {policy: {one for one in subjects if place_of(policy, one) < 2500} for policy in ("a", "b")}
    assert all(900 < len(chosen) < 1100 for chosen in within.values())
    assert 150 < len(within["a"] & within["b"]) < 350


@pytest.mark.parametrize(
    ("seen", "allowed"),
    [
        ({}, False),
        ({"f-1": NOW}, False),
        ({"f-1": NOW, "f-2": NOW - 599}, True),
        ({"f-1": NOW, "f-2": NOW - 600}, False),
        ({"f-1": NOW, a_finding().id: NOW}, False),
    ],
)
def test_confirmations_are_other_findings_within_the_span(seen: dict[str, int], allowed: bool) -> None:
    policy = a_policy(safeguards={"confirmations": {"count": 3}})
    assert row(confirmations, policy=policy, confirming=Confirming(seen, 1)).allowed is allowed
    assert row(confirmations, confirming=Confirming(seen, 1)).allowed


SPARED = {"objective": "checkout-availability", "max-burn-rate": 5, "min-budget-left": 10}


def spares(**changes: Any) -> Policy:
    return a_policy(safeguards={"error-budget": SPARED | changes})


def burns(short: Any, long: Any) -> Burn:
    return Burn(*(None if rate is None else Decimal(rate) for rate in (short, long)))


def test_error_budget_asks_nothing_where_none_is_spared() -> None:
    said = row(error_budget, policy=a_policy(safeguards={}), budget=Budget(why="denied"))
    assert said == Row("error-budget", True, "", None, "it spares no error budget")


@pytest.mark.parametrize(
    ("fast", "sustained", "allowed"),
    [
        ((0, 0), (0, 0), True),
        ((5, 5), (5, 5), True),
        ((100, 5), (5, 100), True),
        ((5.01, 5.01), (0, 0), False),
        ((0, 0), (6, 6), False),
        ((6, 6), (None, None), False),
        ((0, None), (None, 1), True),
    ],
)
def test_error_budget_refuses_only_what_burns_over_a_short_and_a_long_window(
    fast: tuple[Any, Any], sustained: tuple[Any, Any], allowed: bool
) -> None:
    said = row(error_budget, policy=spares(), budget=HEALTHY._replace(fast=burns(*fast), sustained=burns(*sustained)))
    assert said.allowed is allowed
    assert said.observed is not None


@pytest.mark.parametrize(
    ("fast", "sustained"), [((None, None), (0, 0)), ((6, None), (0, 0)), ((0, 0), (None, 6)), ((None, None),) * 2]
)
def test_error_budget_does_not_know_a_burn_that_hangs_on_a_window_without_figures(
    fast: tuple[Any, Any], sustained: tuple[Any, Any]
) -> None:
    budget = HEALTHY._replace(fast=burns(*fast), sustained=burns(*sustained), why="nobody called")
    said = row(error_budget, policy=spares(), budget=budget)
    assert (said.allowed, said.observed, said.limit) == (False, None, "5")
    assert said.reason == "how fast checkout-availability burns is not known: nobody called"


@pytest.mark.parametrize(
    ("left", "allowed", "observed"),
    [("10", True, "0"), ("9.99", False, "9.99 %"), ("-250", False, "-250 %"), (None, False, None)],
)
def test_error_budget_refuses_when_little_is_left_and_does_not_know_what_nobody_measured(
    left: str | None, allowed: bool, observed: str | None
) -> None:
    budget = HEALTHY._replace(left=None if left is None else Decimal(left))
    said = row(error_budget, policy=spares(), budget=budget)
    assert (said.allowed, said.observed) == (allowed, observed)
    assert row(error_budget, policy=spares(**{"min-budget-left": None}), budget=budget).allowed


@pytest.mark.parametrize(
    ("budget", "observed", "reason"),
    [
        (HEALTHY._replace(fast=burns("7.5", "7.5")), "7.5", "checkout-availability burns at 7.5, faster than 5; it"),
        (HEALTHY._replace(left=Decimal(-3)), "-3 %", "-3 % of the budget of checkout-availability are left; it may"),
        (Budget(why="denied"), "unknown", "how fast checkout-availability burns is not known: denied; it may, since"),
    ],
)
def test_error_budget_lets_through_what_restores_it_and_records_why(budget: Budget, observed: str, reason: str) -> None:
    said = row(error_budget, policy=spares(**{"restores-budget": True}), budget=budget)
    assert (said.allowed, said.observed) == (True, observed)
    assert said.reason.startswith(reason)
