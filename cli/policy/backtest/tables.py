"""A backtest told in tables: per policy what it would have done and which gates refused, then what a change changes."""

from typing import Any

from cli import say
from cli.policy.backtest.run import Result
from cli.policy.backtest.tally import VERDICTS, Changes, Tally
from edsr.policy.examples import QUIET
from edsr.timeline import short


def tell(result: Result, about: dict[str, Any]) -> None:
    """All of it, for a person."""
    span = f" from {result.since} to {result.until}" if result.since else ""
    say.line(f"{say.count(result.events, 'event')}{span}, {about['events_per_second']:,} a second", "strong")
    for reason, times in about["undelivered"].items():
        say.line(f"  {times:,} left out: {reason}", "soft")
    if about["unreadable"]:
        say.line(f"  {about['unreadable']:,} could not be read, such as {about['unreadable_examples'][0]}", "warn")
    _policies(result)
    if result.changes:
        _changes(result.changes, about["against"])


def _policies(result: Result) -> None:
    used = [verdict for verdict in VERDICTS if any(tally.verdicts[verdict] for tally in result.policies.values())]
    rows = [
        (name, *_counts(tally, (*used, QUIET)), _refusals(tally)) for name, tally in sorted(result.policies.items())
    ]
    say.line("")
    say.table(("policy", "matched", *used, QUIET, "refused by"), rows, one_word=True)
    for name, tally in sorted(result.policies.items()):
        if tally.quarantined:
            say.line(f"{name}: {say.count(tally.quarantined, 'event')} would be quarantined as malformed", "warn")
        if tally.only_mode:
            what = f"{name}: nothing but its mode held back {say.count(tally.only_mode, 'event')}"
            say.line(f"{what}; --mode shows what a higher one would do", "soft")


def _counts(tally: Tally, verdicts: tuple[str, ...]) -> list[str]:
    return [f"{times:,}" for times in (tally.matched, *(tally.verdicts[verdict] for verdict in verdicts))]


def _refusals(tally: Tally) -> str:
    return ", ".join(f"{gate} {times:,}" for gate, times in tally.refused.most_common()) or "nobody"


def _changes(changes: Changes, against: str) -> None:
    tone = "bad" if any(kind.is_new_action for kind in changes.counts) else "strong"
    say.line(f"\nagainst {against}: {changes.summary}", tone)
    if not changes.counts:
        return
    rows = [(kind.policy, str(kind), f"{times:,}") for kind, times in changes.ordered]
    say.table(("policy", "decision", "events"), rows, indent=2)
    for kind, _ in changes.ordered:
        for one in changes.examples[kind][:1]:
            say.line(f"  {kind.policy}, {kind}: such as {one['time']} {one['title']} {short(one['subject'])}")
            say.line(f"    before: {one['before']}", "soft")
            say.line(f"    now:    {one['after']}", "soft")
