"""Running recorded events past one set of policies, or past two at once."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cli.policy.backtest.envelope import Event
from cli.policy.backtest.side import NOT_MATCHED, Seen, Side
from cli.policy.backtest.tally import Changes, Tally

_TIME = re.compile(r"\d{4}-\d\d-\d\dT")


@dataclass
class Result:
    """What came of all events; `changes` is None when nothing was compared."""

    events: int = 0
    since: str = ""
    until: str = ""
    policies: dict[str, Tally] = field(default_factory=dict)
    changes: Changes | None = None

    def as_json(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "events": self.events,
            "since": self.since or None,
            "until": self.until or None,
            "policies": {name: tally.as_json() for name, tally in sorted(self.policies.items())},
            "changes": self.changes and self.changes.as_json(),
        }


def run(
    events: Iterable[Event], now: Side, before: Side | None = None, seen: Callable[[int], None] | None = None
) -> Result:
    """Show every event to the policies as they are `now`, and, to compare, as they were `before`.

    `seen` is told how many events there were so far.
    """
    result = Result(policies={name: Tally() for name in now.policies}, changes=Changes() if before else None)
    for event in events:
        result.events += 1
        if seen:
            seen(result.events)
        _span(result, event)
        missed = now.missed(event)
        for (name, _), answer in missed.items():
            result.policies[name].count(answer)
        after = _ask(now, event)
        for name, answer in after.items():
            result.policies[name].count(answer)
        if before and result.changes:
            _compare_missed(result.changes, event, before.missed(event), missed)
            _compare(result.changes, event, _ask(before, event), after)
    return result


def _ask(side: Side, event: Event) -> dict[str, Seen]:
    return {name: side.ask(side.policies[name], event) for name in sorted(side.matching(event))}


def _compare_missed(
    changes: Changes, event: Event, before: dict[tuple[str, str], Seen], after: dict[tuple[str, str], Seen]
) -> None:
    for name, finding in sorted(before.keys() | after.keys()):
        first, second = (side.get((name, finding), NOT_MATCHED) for side in (before, after))
        changes.compare(name, event, first, second)


def _compare(changes: Changes, event: Event, before: dict[str, Seen], after: dict[str, Seen]) -> None:
    for name in sorted(before.keys() | after.keys()):
        changes.compare(name, event, before.get(name, NOT_MATCHED), after.get(name, NOT_MATCHED))


def _span(result: Result, event: Event) -> None:
    """The first and the last time of the events: UTC texts sort as times do."""
    time = event.get("time")
    if isinstance(time, str) and _TIME.match(time):
        result.since = min(result.since or time, time)
        result.until = max(result.until, time)
