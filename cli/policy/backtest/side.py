"""One set of policies that recorded events are held against: its rules, its catalogue of services, its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from cli.policy.backtest.envelope import Event, only_reads
from cli.policy.backtest.silences import Silences
from cli.policy.backtest.simulated import Simulated
from decide.chain import decide
from detect.intake import Ignored
from edsr.errors import Malformed
from edsr.model import Finding, Mode
from edsr.pattern import Index
from edsr.policy import Library, Policy, Service
from edsr.policy.examples import QUIET
from edsr.technique.chosen import observe
from edsr.technique.notes import Memory
from edsr.times import parse
from infra.parts.rules import ALL_CALLS, state_of
from infra.trial import MOMENT, UNMATCHED, Outcome, detect, in_mode, noted, step_findings

ACCOUNTS = 256
"""Pairs of account and Region whose services are kept ready."""


@dataclass(frozen=True)
class Seen:
    """What a policy made of an event: the outcome, and the finding it decided on."""

    outcome: Outcome
    finding: Finding | None = None


class _Read(Library):
    """A library whose services and calendars are read once."""

    def __init__(self, root: Path, values: Mapping[str, str]) -> None:
        super().__init__(root, values)
        self._services = super().services()
        self._spans = super().spans()

    def services(self) -> list[Service]:
        return self._services

    def spans(self) -> dict[str, tuple[str, ...]]:
        return self._spans


@dataclass
class Side:
    """Policies as they would have run; every event is to be shown once, in the order of time."""

    policies: dict[str, Policy]
    folder: Path
    state: Simulated = field(default_factory=Simulated)
    notes: Memory = field(default_factory=Memory)
    silences: Silences = field(default_factory=Silences)

    def __post_init__(self) -> None:
        patterns = {name: policy.detect.pattern for name, policy in self.policies.items()}
        steps = {
            f"{name}.{step}": before.pattern
            for name, policy in self.policies.items()
            for step, before in enumerate(policy.detect.steps)
        }
        self._index = Index({**patterns, **steps})
        self._reading = {
            suffixed
            for name, policy in self.policies.items()
            for suffixed, source in (
                (name, policy.detect.source),
                *((f"{name}.{step}", before.source) for step, before in enumerate(policy.detect.steps)),
            )
            if state_of(policy, source) == ALL_CALLS
        }
        self._library = lru_cache(ACCOUNTS)(lambda account, region: _Read(self.folder, _values(account, region)))

    @property
    def reads(self) -> bool:
        """Whether any of their rules asks for calls that only read."""
        return bool(self._reading)

    def matching(self, event: Event) -> set[str]:
        """The policies whose rule takes the event; for those in whose sequence it comes before, it is noted."""
        taken = self._index.match(event)
        if only_reads(event):
            taken &= self._reading
        for name in {name.split(".")[0] for name in taken if "." in name}:
            self._note(self.policies[name], event)
        return {name for name in taken if "." not in name}

    def _note(self, policy: Policy, event: Event) -> None:
        try:
            for step, found in step_findings(policy, event):
                observe(self._enriched(found), policy, self.notes, found.detected_at, step)
        except (ValueError, Malformed):
            return  # it is quarantined, and nothing follows from it

    def _enriched(self, found: Finding) -> Finding:
        library = self._library(found.subject.account, found.subject.region)
        plain = found.subject.model_copy(update={"service": None})
        return found.model_copy(update={"subject": library.enrich(plain)})

    def ask(self, policy: Policy, event: Event) -> Seen:
        """What one of the policies that match makes of the event; its state moves on."""
        try:
            found = detect(policy, event)
            now = parse(str(event.get("time", ""))) + MOMENT
        except (ValueError, Malformed) as exc:
            return Seen(Outcome(QUIET, why=f"quarantined: {exc}"))
        if isinstance(found, Ignored):
            return Seen(Outcome(QUIET, why=found.reason))
        library = self._library(found.subject.account, found.subject.region)
        found = found.model_copy(update={"subject": library.enrich(found.subject)})
        if policy.detect.absence:
            self.silences.hear(policy, found)
        found = noted(policy, event, found, self.notes)
        if isinstance(found, Ignored):
            return Seen(Outcome(QUIET, why=found.reason))
        return self._decided(policy, found, now)

    def missed(self, event: Event) -> dict[tuple[str, str], Seen]:
        """What policies waited for and did not come before the time of an event: by policy and finding."""
        try:
            until = parse(str(event.get("time", "")))
        except ValueError:
            return {}
        found = list(self.silences.until(until, self.notes))
        return {(policy.id, one.id): self._decided(policy, one, one.observed_at + MOMENT) for policy, one in found}

    def _decided(self, policy: Policy, found: Finding, now: datetime) -> Seen:
        library = self._library(found.subject.account, found.subject.region)
        facts = self.state.facts(found, policy, now)._replace(
            protected=library.protected(found.subject.arn), calendars=library.spans()
        )
        decision = decide(found, policy, facts)
        self.state.note(found, policy, decision, now)
        return Seen(Outcome(decision.verdict.value, decision.playbook, decision.rows), found)


def side(folder: Path, modes: Mapping[str, Mode], everywhere: Mode | None) -> Side:
    """The policies of a folder; `everywhere` goes before `modes` (policy id -> mode), those before what they say."""
    policies = Library.at(folder).policies()
    return Side({one.id: in_mode(one, everywhere or modes.get(one.id)) for one in policies}, folder)


NOT_MATCHED = Seen(Outcome(QUIET, why=UNMATCHED))


def _values(account: Any, region: Any) -> dict[str, str]:
    return {"account": str(account), "region": str(region)}
