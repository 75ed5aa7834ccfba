"""What came of it, counted: by policy, by verdict, by refusing gate; and every decision that a change changes."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cli import say
from cli.policy.backtest.envelope import Event
from cli.policy.backtest.side import Seen
from edsr.model import DecisionVerdict
from edsr.policy.examples import QUIET
from infra.trial import ENGAGING

VERDICTS = tuple(verdict.value for verdict in DecisionVerdict)
EXAMPLES = 3
"""Events that are kept for each kind of change of each policy."""

QUARANTINED = "quarantined"
HELD_BY_MODE = "mode"
NOTHING = "no decision changes"


@dataclass
class Tally:
    """How often one policy was asked, and what it answered.

    `refused` counts the events that a gate did not allow; `only_mode` those that nothing but the mode held back.
    """

    matched: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    only_mode: int = 0

    def count(self, seen: Seen) -> None:
        """Add one event."""
        outcome = seen.outcome
        self.matched += 1
        self.verdicts[outcome.verdict] += 1
        self.quarantined += outcome.why.startswith(QUARANTINED)
        gates = [row.gate for row in outcome.refusals]
        self.refused.update(gates)
        self.only_mode += gates == [HELD_BY_MODE]

    def as_json(self) -> dict[str, Any]:
        """The counts, for programs."""
        verdicts = {verdict: self.verdicts[verdict] for verdict in (*VERDICTS, QUIET)}
        counts = {"matched": self.matched, "quarantined": self.quarantined, "only_mode": self.only_mode}
        return {**counts, "verdicts": verdicts, "refused": dict(self.refused.most_common())}


@dataclass(frozen=True, order=True)
class Kind:
    """One kind of change: what a policy decided before, and what it decides now."""

    policy: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"

    @property
    def is_new_action(self) -> bool:
        """An act where nobody acted or was asked before: what a reviewer must not miss."""
        return self.after == ENGAGING[0] and self.before not in ENGAGING


@dataclass
class Changes:
    """The decisions that differ between two sides, and examples of each kind."""

    counts: Counter[Kind] = field(default_factory=Counter)
    examples: dict[Kind, list[dict[str, Any]]] = field(default_factory=dict)

    def compare(self, policy: str, event: Event, before: Seen, after: Seen) -> None:
        """Add one event, when the two decide otherwise about it."""
        if before.outcome.verdict == after.outcome.verdict:
            return
        kind = Kind(policy, before.outcome.verdict, after.outcome.verdict)
        self.counts[kind] += 1
        kept = self.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES:
            kept.append(_example(event, before, after))

    @property
    def ordered(self) -> list[tuple[Kind, int]]:
        """Every kind of change and how often it came: new actions first, then the most frequent."""
        return sorted(self.counts.items(), key=lambda one: (not one[0].is_new_action, -one[1], one[0]))

    @property
    def summary(self) -> str:
        """`3 new actions, 41 act -> ask`; what a person who reviews the change reads first."""
        by_words: Counter[str] = Counter()
        for kind, times in self.ordered:
            by_words["new action" if kind.is_new_action else str(kind)] += times
        new = by_words.pop("new action", 0)
        said = [say.count(new, "new action")] if new else []
        return ", ".join([*said, *(f"{times:,} {words}" for words, times in by_words.most_common())]) or NOTHING

    def as_json(self) -> dict[str, Any]:
        """Every kind of change, for programs."""
        kinds = [
            {
                "policy": kind.policy,
                "before": kind.before,
                "after": kind.after,
                "count": times,
                "examples": self.examples[kind],
            }
            for kind, times in self.ordered
        ]
        return {"summary": self.summary, "decisions": sum(self.counts.values()), "kinds": kinds}


def _example(event: Event, before: Seen, after: Seen) -> dict[str, Any]:
    found = after.finding or before.finding
    return {
        "event": str(event.get("id", "")),
        "time": str(event.get("time", "")),
        "title": found.title if found else str(event.get("detail-type", "")),
        "subject": found.subject.arn if found else "",
        "before": _why(before),
        "after": _why(after),
    }


def _why(seen: Seen) -> str:
    """Why it was decided so: what kept it from being a finding, or the gates that refused."""
    refusals = [f"{row.gate}: {row.reason}" for row in seen.outcome.refusals]
    return seen.outcome.why or "; ".join(refusals) or "every gate allows it"
