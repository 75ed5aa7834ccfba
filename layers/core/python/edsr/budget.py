"""An error budget: what is left of it, and how fast it burns, over a short and a long window at a time."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple, TypeGuard

from edsr.policy.objectives import Objective


class Pair(NamedTuple):
    """A burn counts only when it shows over both: the long window says that it matters, the short that it goes on."""

    name: str
    short: timedelta
    long: timedelta
    alarm: Decimal


FAST = Pair("fast", timedelta(minutes=5), timedelta(hours=1), Decimal(5))
SUSTAINED = Pair("sustained", timedelta(minutes=30), timedelta(hours=6), Decimal(2))
PAIRS = (FAST, SUSTAINED)
"""`alarm` is the burn rate at which the pair's alarm goes off."""

LONGEST = SUSTAINED.long

BURN_ALARM = "edsr-burn-{objective}-{pair}"
BURNS = rf"edsr-burn-(?P<objective>.+)-{FAST.name}"
"""The alarm of an objective and a pair, and those that say that an objective is being missed now."""


class Counted(NamedTuple):
    """How many events there were within a span, and how many of them were good, or bad."""

    total: Decimal
    part: Decimal


def is_known(figure: Decimal | None) -> TypeGuard[Decimal]:
    """Whether it is a number."""
    return figure is not None and figure.is_finite()


class Burn(NamedTuple):
    """The burn rates over the windows of a pair; None is not known, as where there was nothing to count."""

    short: Decimal | None = None
    long: Decimal | None = None

    def above(self, limit: Decimal) -> bool | None:
        """Whether both are above a limit; None when that hangs on one that is not known."""
        short, long = self
        if (is_known(short) and short <= limit) or (is_known(long) and long <= limit):
            return False
        return True if is_known(short) and is_known(long) else None

    @property
    def rate(self) -> Decimal | None:
        """The rate that shows over both windows."""
        return min(self.short, self.long) if is_known(self.short) and is_known(self.long) else None


class Budget(NamedTuple):
    """How an objective stands. `left` is a percentage, below zero once it is overdrawn; `why` says why something is
    not known."""

    fast: Burn = Burn()
    sustained: Burn = Burn()
    left: Decimal | None = None
    why: str = "nothing was measured"

    @property
    def rate(self) -> Decimal | None:
        """The greater of the rates that show over both windows of a pair; None when none is known."""
        fast, sustained = self.fast.rate, self.sustained.rate
        if fast is None or sustained is None:
            return fast if sustained is None else sustained
        return max(fast, sustained)

    def above(self, limit: Decimal) -> bool | None:
        """Whether it burns faster than that, in either way; None when that is not known."""
        fast, sustained = self.fast.above(limit), self.sustained.above(limit)
        return True if fast or sustained else None if fast is None or sustained is None else False


def steady(rate: Decimal | None, left: Decimal | None) -> Budget:
    """A budget that burns alike over every window."""
    return Budget(Burn(rate, rate), Burn(rate, rate), left, "it is not given")


HEALTHY = steady(Decimal(0), Decimal(100))
"""Nothing is bad."""


def bad_share(objective: Objective, counted: Counted) -> Decimal | None:
    """The share of events that were bad, 0 to 1; None when there were none, or figures that cannot be."""
    total, part = counted
    if not (total.is_finite() and part.is_finite()) or total <= 0 or part < 0:
        return None
    share = min(part / total, Decimal(1))
    return share if objective.indicator.bad else 1 - share


def burn_rate(objective: Objective, counted: Counted) -> Decimal | None:
    """How many times as fast as it may the budget burns, to hundredths."""
    share = bad_share(objective, counted)
    return None if share is None else (share / objective.allowed).quantize(Decimal("0.01"))


def budget_left(objective: Objective, counted: Counted) -> Decimal | None:
    """Percent of the window's budget that are left, to hundredths; below zero once it is overdrawn."""
    share = bad_share(objective, counted)
    return None if share is None else (100 * (1 - share / objective.allowed)).quantize(Decimal("0.01"))
