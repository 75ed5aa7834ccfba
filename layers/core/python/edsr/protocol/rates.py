"""How often something may be done: in any sliding window never more than so many, counted exactly with each intent.

An incident's own rates (its subject's, its service's, its policy's) are taken once, by the step that begins it. What
every step takes is the rate of everything, and the budget of the API that its action calls, in one account and Region,
so that no storm exhausts a control plane. Of these a quarter is left for incidents under way: a step that begins one is
refused where there is no room, a later one waits for it. What is undone is never held, and not counted.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from edsr.errors import Refused
from edsr.limits import Limit
from edsr.policy import Policy
from edsr.ports import Item, Write
from edsr.protocol import keys
from edsr.protocol.brief import Brief
from edsr.settings import Rated
from edsr.times import epoch

SKEW = timedelta(seconds=5)
"""Any two of our clocks differ by less."""

GLOBAL, API = "all", "api:"

LEFT = 4
"""Of what every step takes, one in so many is left for incidents under way."""


class Full(Exception):
    """There is no room for a step of an incident under way before so many `seconds` are over."""

    def __init__(self, reason: str, seconds: int) -> None:
        super().__init__(reason)
        self.seconds = seconds


def api_scope(api: str, target: str, brief: Brief) -> str:
    """The budget of an API in the target's account and Region; what its ARN leaves open is as of the subject."""
    region, account = (*target.split(":"), *[""] * 5)[3:5]
    return f"{API}{api}#{account or brief.account}#{region or brief.region}"


def limits_of(brief: Brief, policy: Policy, rates: Rated, apis: Iterable[str]) -> dict[str, Limit]:
    """Every rate that an incident is counted in, by scope; `apis` are the budgets of the APIs that it uses."""
    rate = policy.safeguards.rate
    return {
        f"subject:{brief.subject}": rates.subject_rate,
        f"service:{brief.service}": rates.service_rate,
        brief.rate: Limit(rate.max, rate.per),
        GLOBAL: rates.global_rate,
        **dict.fromkeys(apis, rates.api_rate),
    }


def rate_scopes(brief: Brief, apis: Iterable[str]) -> tuple[str, ...]:
    """The scopes of `limits_of`, known from the brief alone."""
    return f"subject:{brief.subject}", f"service:{brief.service}", brief.rate, GLOBAL, *apis


def to_begin(limits: Mapping[str, Limit]) -> dict[str, Limit]:
    """What of the rates is for incidents that begin."""
    return {
        scope: limit._replace(most=limit.most - limit.most // LEFT) if _of_every_step(scope) else limit
        for scope, limit in limits.items()
    }


def _of_every_step(scope: str) -> bool:
    return scope == GLOBAL or scope.startswith(API)


def taking(
    limits: Mapping[str, Limit], items: Mapping[str, Item | None], at: datetime, *, first: bool
) -> Iterator[Write]:
    """The writes that count a step in its rates; those of its incident only with the `first`.

    Raises Refused where an incident may not begin, Full where a step of one under way has to wait.
    """
    if first:
        yield from (take(scope, limit, items[scope], at) for scope, limit in to_begin(limits).items())
        return
    for scope, limit in limits.items():
        if _of_every_step(scope):
            standing = used(scope, limit, items[scope])
            if reason := standing.full(at):
                raise Full(reason, standing.left(at))
            yield take(scope, limit, items[scope], at)


class Used(NamedTuple):
    """What a scope's rate has counted: its limit, and the times of the last that were taken."""

    scope: str
    limit: Limit
    stamps: tuple[int, ...] = ()

    @property
    def window(self) -> int:
        """Seconds in which a time counts: the margin for clocks that differ makes them more, never less."""
        return int((self.limit.per + SKEW).total_seconds())

    def counted(self, at: datetime) -> list[int]:
        """The times that still count."""
        return [stamp for stamp in self.stamps if stamp > epoch(at) - self.window]

    def left(self, at: datetime) -> int:
        """Seconds until there may be another; none when there may be now."""
        stamps = self.counted(at)
        return stamps[-self.limit.most] + self.window - epoch(at) if len(stamps) >= self.limit.most else 0

    def full(self, at: datetime) -> str:
        """Why there may not be another now; nothing when there may."""
        if not (left := self.left(at)):
            return ""
        return f"{self.limit.most} in {self.limit.per} is the most for {self.scope}: the next may be in {left} s"


def used(scope: str, limit: Limit, item: Item | None) -> Used:
    """A rate as its item has it; what is not there was never taken."""
    return Used(scope, limit, tuple((item or {}).get("stamps", ())))


def take(scope: str, limit: Limit, item: Item | None, at: datetime) -> Write:
    """One more in a sliding window, exactly: the last times are compared and set. Refused when it is full."""
    before = used(scope, limit, item)
    if reason := before.full(at):
        raise Refused(reason)
    now, stamps, ver = epoch(at), before.counted(at), (item or {}).get("ver", 0)
    return Write(
        f"RTE {scope}",
        "Update",
        keys.rate(scope),
        "#ver = :ver" if item else "attribute_not_exists(#pk)",
        "SET #stamps = :stamps, #ver = :next, #ttl = :ttl",
        values={
            ":stamps": [*stamps, max(now, *stamps)] if stamps else [now],
            ":next": ver + 1,
            ":ttl": now + before.window + 86_400,
            **({":ver": ver} if item else {}),
        },
    )
