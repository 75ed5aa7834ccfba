"""Burn rates and what is left of an error budget, out of counts; what cannot be told is not known."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edsr.budget import FAST, PAIRS, SUSTAINED, Budget, Burn, Counted, budget_left, burn_rate
from edsr.policy import Objective
from tests.estate import ROOT
from tests.policies import read

SAID = read(ROOT / "policies" / "objectives" / "checkout-availability.json")
BAD = SAID["indicator"]["bad"]


def an_objective(**changes: Any) -> Objective:
    return Objective.model_validate(SAID | changes)


def by_good(**changes: Any) -> Objective:
    return an_objective(indicator={"total": SAID["indicator"]["total"], "good": BAD}, **changes)


def counted(total: Any, part: Any) -> Counted:
    return Counted(Decimal(total), Decimal(part))


@pytest.mark.parametrize(
    ("total", "bad", "rate", "left"),
    [
        (1000, 0, "0", "100"),
        (1000, 1, "1", "0"),
        (1000, 5, "5", "-400"),
        (100_000, 25, "0.25", "75"),
        (1000, 1000, "1000", "-99900"),
        (1000, 1001, "1000", "-99900"),
    ],
)
def test_one_in_a_thousand_uses_up_a_budget_of_one_in_a_thousand(total: int, bad: int, rate: str, left: str) -> None:
    assert burn_rate(an_objective(), counted(total, bad)) == Decimal(rate)
    assert budget_left(an_objective(), counted(total, bad)) == Decimal(left)


@pytest.mark.parametrize(("good", "rate"), [(1000, 0), (1001, 0), (999, 1), (0, 1000)])
def test_what_is_not_good_is_bad_also_where_nothing_good_is_told(good: int, rate: int) -> None:
    assert burn_rate(by_good(), counted(1000, good)) == rate


@pytest.mark.parametrize(("total", "part"), [(0, 0), (0, 1), (-1, 0), (1, -1), ("NaN", 0), (1, "NaN"), ("inf", 0)])
def test_of_nothing_no_share_can_be_told(total: Any, part: Any) -> None:
    assert burn_rate(an_objective(), counted(total, part)) is None
    assert budget_left(an_objective(), counted(total, part)) is None


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 9_999))
def test_good_and_bad_tell_the_same_story(total: int, bad: int, hundredths: int) -> None:
    target, bad = str(Decimal(hundredths) / 100), min(bad, total)
    said = burn_rate(an_objective(target=target), counted(total, bad))
    assert said == burn_rate(by_good(target=target), counted(total, total - bad))


@given(st.lists(st.none() | st.integers(0, 20).map(Decimal), min_size=4, max_size=4), st.integers(1, 19).map(Decimal))
def test_a_burn_counts_when_both_windows_of_a_pair_show_it(rates: list[Decimal | None], limit: Decimal) -> None:
    fast, sustained = rates[:2], rates[2:]
    said = Budget(Burn(*fast), Burn(*sustained)).above(limit)
    worst = [[rate if rate is not None else Decimal(99) for rate in pair] for pair in (fast, sustained)]
    best = [[rate if rate is not None else Decimal(0) for rate in pair] for pair in (fast, sustained)]
    could = any(min(pair) > limit for pair in worst)
    must = any(min(pair) > limit for pair in best)
    assert said is (could if could == must else None)


def test_the_windows_are_those_of_the_alarms() -> None:
    assert [(pair.name, str(pair.short), str(pair.long), int(pair.alarm)) for pair in PAIRS] == [
        ("fast", "0:05:00", "1:00:00", 5),
        ("sustained", "0:30:00", "6:00:00", 2),
    ]
    assert PAIRS == (FAST, SUSTAINED)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"target": 100}, "target"),
        ({"target": 0}, "target"),
        ({"target": 99.99999999}, "target"),
        ({"target": "NaN"}, "target"),
        ({"window": "P90D"}, "window"),
        ({"window": "PT1H"}, "window"),
        ({"indicator": {"total": BAD}}, "indicator"),
        ({"indicator": {"total": BAD, "bad": BAD, "good": BAD}}, "indicator"),
        ({"indicator": {"total": BAD, "bad": BAD | {"statistic": "Average"}}}, "indicator.bad.statistic"),
        ({"indicator": {"total": BAD | {"namespace": ":AWS"}, "bad": BAD}}, "indicator.total.namespace"),
        ({"goal": 1}, "goal"),
    ],
)
def test_an_objective_that_cannot_hold_is_no_objective(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        an_objective(**change)
    assert ".".join(map(str, refused.value.errors()[0]["loc"])) == place


def test_a_digest_is_over_what_is_measured_and_not_over_words() -> None:
    assert an_objective(title="Else", owner="other").digest == an_objective(target="99.90").digest
    assert an_objective(target=99.8).digest != an_objective().digest
    assert by_good().digest != an_objective().digest
