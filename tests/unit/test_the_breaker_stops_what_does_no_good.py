"""The breaker of a policy on a service: every way from closed to open to half open, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.errors import Refused
from edsr.policy.safeguards import Breaker
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.breaker import COMMON_CAUSE, Count, count, pass_breaker, regressed
from edsr.times import epoch
from tests import estate
from tests.things import AT
from tests.unit.attempts import a_brief, values

SAID = Breaker()
FIRST = 900
"""Its default cooldown."""

LONGEST = 4 * 3600


@dataclass
class Circuit:
    """A breaker as it is stored, and the incidents that meet it."""

    item: Item | None = None
    said: Breaker = SAID
    clock: estate.Clock = field(default_factory=lambda: estate.Clock(AT))

    def enter(self, n: int = 1) -> Write:
        """The n-th incident begins to act; Refused while it may not."""
        write = pass_breaker(of(n), self.item, self.clock())
        if write.verb == "Update":
            said = values(write)
            changed = {"state": said[":half"], "gen": said[":next"], "probe_owner": said[":inc"]}
            self.item = {**(self.item or {}), **changed, "successes": said[":successes"]}
        return write

    def leave(self, what: Count, n: int = 1) -> Write | None:
        """The n-th incident ends."""
        write = count(of(n), self.said, self.item, what, self.clock())
        self.item = write.item if write else self.item
        return write

    @property
    def state(self) -> str:
        """closed, open or half."""
        return str((self.item or {"state": "closed"})["state"])

    def cools(self) -> None:
        """Its time is over, by every clock."""
        assert self.item is not None
        self.clock.now = AT + timedelta(seconds=self.item["reopen_at"] - epoch(AT) + 1)


def of(n: int) -> Any:
    return a_brief(episode=f"e{n}")


def opened(**changes: Any) -> Circuit:
    circuit = Circuit(**changes)
    circuit.leave(Count.REGRESSION)
    return circuit


def test_a_breaker_that_was_never_touched_is_closed_and_checked_to_be() -> None:
    write = Circuit().enter()
    assert (write.label, write.verb, write.key) == (
        "BRK", "Check", keys.breaker("lambda-canary-rollback", "checkout"),
    )  # fmt: skip
    assert write.condition == (
        "attribute_not_exists(#pk) OR #state = :closed OR (#state = :half AND #probe_owner = :inc)"
    )


def test_two_failures_in_a_row_open_it_and_one_does_not() -> None:
    circuit = Circuit()
    circuit.leave(Count.FAILURE)
    assert (circuit.state, (circuit.item or {})["fails"]) == ("closed", 1)
    circuit.enter(2)
    circuit.leave(Count.FAILURE, 2)
    assert circuit.state == "open"
    with pytest.raises(Refused, match=f"checkout is open: it did no good there; one may try in {FIRST} s"):
        circuit.enter(3)


def test_a_success_between_them_begins_the_count_anew() -> None:
    circuit = Circuit()
    for what in (Count.FAILURE, Count.SUCCESS, Count.FAILURE):
        circuit.leave(what)
    assert circuit.state == "closed"


def test_one_regression_opens_it() -> None:
    assert opened().state == "open"


@pytest.mark.parametrize("what", [Count.SUCCESS, Count.NEUTRAL])
def test_what_changes_nothing_is_not_written(what: Count) -> None:
    assert Circuit().leave(what) is None
    assert opened().leave(what) is None


def test_a_policy_may_ask_for_more_failures_and_a_longer_rest() -> None:
    circuit = Circuit(said=Breaker(failures=3, cooldown=timedelta(hours=6)))
    for n in range(3):
        assert circuit.state == "closed"
        circuit.leave(Count.FAILURE, n)
    assert (circuit.state, (circuit.item or {})["cooldown"]) == ("open", 6 * 3600)
    circuit.cools()
    circuit.enter(4)
    circuit.leave(Count.FAILURE, 4)
    assert (circuit.item or {})["cooldown"] == 6 * 3600, "what a policy asks for is never shortened"


def test_the_second_after_its_time_is_over_the_first_to_come_takes_it_for_itself() -> None:
    circuit = opened()
    circuit.clock.tick(seconds=FIRST)
    with pytest.raises(Refused, match="one may try in 0 s"):
        circuit.enter(2)
    circuit.clock.tick(seconds=1)
    write = circuit.enter(2)
    assert (write.verb, write.condition) == (
        "Update", "#state = :state AND #gen = :gen AND attribute_not_exists(#probe_owner)",
    )  # fmt: skip
    assert values(write)[":gen"] == 1
    with pytest.raises(Refused, match=rf"is half open, and {of(2).id} is trying"):
        circuit.enter(3)
    assert circuit.enter(2).verb == "Check", "its owner goes on"


def test_two_successes_close_it_and_forget_its_rests() -> None:
    circuit = opened()
    circuit.cools()
    for n in (2, 3):
        assert circuit.state != "closed"
        circuit.enter(n)
        circuit.leave(Count.SUCCESS, n)
    assert circuit.item == {"state": "closed", "fails": 0, "successes": 0, "cooldown": 0, "gen": 5}


@pytest.mark.parametrize("what", [Count.FAILURE, Count.REGRESSION])
def test_a_failure_while_half_open_opens_it_for_twice_as_long_up_to_four_hours(what: Count) -> None:
    circuit, rests = opened(), []
    for n in range(2, 9):
        rests.append((circuit.item or {})["cooldown"])
        circuit.cools()
        circuit.enter(n)
        circuit.leave(what, n)
    assert rests == [FIRST, 2 * FIRST, 4 * FIRST, 8 * FIRST, LONGEST, LONGEST, LONGEST]


def test_a_neutral_end_frees_it_for_the_next_and_keeps_its_success() -> None:
    circuit = opened()
    circuit.cools()
    circuit.enter(2)
    circuit.leave(Count.SUCCESS, 2)
    circuit.enter(3)
    circuit.leave(Count.NEUTRAL, 3)
    assert (circuit.state, (circuit.item or {})["successes"]) == ("half", 1)
    assert "probe_owner" not in (circuit.item or {})
    circuit.enter(4)
    circuit.leave(Count.SUCCESS, 4)
    assert circuit.state == "closed"


def test_who_does_not_own_a_half_open_breaker_cannot_close_it() -> None:
    circuit = opened()
    circuit.cools()
    circuit.enter(2)
    assert circuit.leave(Count.SUCCESS, 1) is None
    assert circuit.leave(Count.NEUTRAL, 1) is None
    assert (circuit.item or {})["probe_owner"] == of(2).id


def test_trips_at_once_are_one() -> None:
    circuit = Circuit({"state": "closed", "gen": 7, "fails": 1, "successes": 0, "cooldown": 0})
    trips = [count(of(n), SAID, circuit.item, Count.FAILURE, AT) for n in range(5)]
    assert {(trip.condition, values(trip)[":gen"]) for trip in trips if trip} == {("#gen = :gen", 7)}
    circuit.leave(Count.FAILURE)
    before = circuit.item
    assert circuit.leave(Count.FAILURE, 2) is None
    assert circuit.item == before
    assert (circuit.item or {})["cooldown"] == FIRST


def test_a_breaker_comes_into_being_once() -> None:
    first = count(of(1), SAID, None, Count.FAILURE, AT)
    assert first is not None
    assert (first.verb, first.condition, first.values) == ("Put", "attribute_not_exists(#pk)", None)


@given(st.lists(st.tuples(st.sampled_from(["enter", *Count]), st.integers(1, 4), st.integers(0, 3 * LONGEST))))
def test_whatever_happens_one_at_most_acts_on_an_open_breaker_and_its_number_only_rises(
    told: list[tuple[Any, int, int]],
) -> None:
    circuit, gens = Circuit(), [0]
    for what, n, later in told:
        circuit.clock.tick(seconds=later)
        before = dict(circuit.item or {})
        try:
            circuit.enter(n) if what == "enter" else circuit.leave(what, n)
        except Refused:
            assert before["state"] != "closed"
            assert before.get("probe_owner") != of(n).id
        item = circuit.item or {"gen": 0, "state": "closed"}
        gens.append(item["gen"])
        assert item["state"] != "open" or FIRST <= item["cooldown"] <= LONGEST
    assert gens == sorted(gens)


def seen(item: Item | None) -> Mapping[str, int]:
    return dict((item or {"seen": {}})["seen"])


@pytest.mark.parametrize(
    ("ago", "together"),
    [
        (timedelta(seconds=1), ["lambda-canary-rollback", "other"]),
        (COMMON_CAUSE - timedelta(seconds=1), ["lambda-canary-rollback", "other"]),
        (COMMON_CAUSE, ["lambda-canary-rollback"]),
    ],
)
def test_regressions_are_remembered_for_an_hour_and_forgotten_then(ago: timedelta, together: list[str]) -> None:
    write, policies, _ = regressed(of(1), {"seen": {"other": epoch(AT - ago)}, "ver": 3}, AT)
    assert policies == together
    assert (write.label, write.condition, values(write)) == ("BRK all", "#ver = :ver", {":ver": 3})
    assert sorted(seen(write.item)) == together


def test_one_policy_that_regresses_again_is_still_one() -> None:
    first, _, _ = regressed(of(1), None, AT)
    assert first.condition == "attribute_not_exists(#pk)"
    again, policies, _ = regressed(of(2), first.item, AT + timedelta(minutes=5))
    assert policies == ["lambda-canary-rollback"]
    assert seen(again.item) == {"lambda-canary-rollback": epoch(AT + timedelta(minutes=5))}
