"""Two shares of failures are told apart only when they surely differ: how often that is wrong is counted out."""

from functools import cache
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edsr.shares import Bounds, Counted, bounds, excess

CANARY, BASELINE = 150, 350
WRONG = 0.02
"""Of what was sure to 99 %, with what its approximation may cost at such small numbers."""


@st.composite
def samples(draw: st.DrawFn) -> Counted:
    total = draw(st.integers(1, 100_000))
    return Counted(total, draw(st.integers(0, total)))


@cache
def chances(total: int, share: float) -> list[float]:
    """How likely it is that so many of all fail."""
    return [comb(total, bad) * share**bad * (1 - share) ** (total - bad) for bad in range(total + 1)]


@cache
def between(bad: int, other: int) -> Bounds:
    return excess(Counted(CANARY, bad), Counted(BASELINE, other))


def likelihood(canary: float, baseline: float, *, more: float | None = None, within: float | None = None) -> float:
    """How likely a canary of one true share is found to fail more than the baseline, or to stay within a margin."""
    return sum(
        one * other
        for bad, one in enumerate(chances(CANARY, canary))
        if one > 1e-9
        for rest, other in enumerate(chances(BASELINE, baseline))
        if other > 1e-9
        and (between(bad, rest).low > more if more is not None else between(bad, rest).high <= (within or 0))
    )


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05, 0.3])
def test_a_canary_that_is_no_worse_is_hardly_ever_taken_for_worse(share: float) -> None:
    assert likelihood(share, share, more=0) <= WRONG


@pytest.mark.parametrize("share", [0.001, 0.01, 0.05])
def test_a_canary_that_is_worse_by_the_margin_is_hardly_ever_taken_for_good(share: float) -> None:
    assert likelihood(share + 0.05, share, within=0.05) <= WRONG


def test_a_canary_that_fails_much_more_is_found_and_one_that_does_not_is_let_go() -> None:
    assert likelihood(0.2, 0.01, more=0) > 0.99
    assert likelihood(0.01, 0.01, within=0.08) > 0.9


@given(samples(), samples())
def test_what_was_counted_lies_within_its_bounds(canary: Counted, baseline: Counted) -> None:
    low, high = bounds(canary)
    assert -1e-12 <= low <= canary.share + 1e-12
    assert canary.share - 1e-12 <= high <= 1 + 1e-12
    low, high = excess(canary, baseline)
    assert low <= canary.share - baseline.share <= high


@given(samples(), samples())
def test_one_failure_more_never_makes_it_look_better(canary: Counted, baseline: Counted) -> None:
    if canary.bad < canary.total:
        worse = excess(canary._replace(bad=canary.bad + 1), baseline)
        before = excess(canary, baseline)
        assert worse.low >= before.low - 1e-12
        assert worse.high >= before.high - 1e-12


def test_the_bounds_are_those_that_newcombe_published() -> None:
    """56 of 70 beside 48 of 80, both bounds 95 %: 0.0524 to 0.3339; here each is 99 % sure, so they are wider."""
    low, high = excess(Counted(70, 56), Counted(80, 48))
    assert low < 0.0524
    assert high > 0.3339
    assert (round(low, 3), round(high, 3)) == (0.024, 0.357)
