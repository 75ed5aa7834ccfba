"""The rules of a policy: what each is called, what it matches, and what it hands to which source's detector."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from edsr.policy import Policy
from edsr.technique.chosen import permissions
from infra.catalogue import Entry, discover
from infra.parts.buses import buses
from infra.parts.recoveries import matched

NOT_REPLAYED = {"replay-name": [{"exists": False}]}
"""Replayed events reach no rule of ours: history is read by backtest, not by live handlers."""


ALL_CALLS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
"""The state of a rule that is also told of management events that only read; an ordinary one is not."""


def state_of(policy: Policy, source: str) -> str:
    """The state of the rule by which a policy waits for a source's events."""
    return ALL_CALLS if policy.detect.trail == "read" and source == "cloudtrail" else "ENABLED"


class Rule(NamedTuple):
    """One EventBridge rule on one bus. `policy` is whose it is, `source` whose detector it invokes."""

    name: str
    source: str
    policy: Policy
    pattern: Mapping[str, Any]
    input: str
    bus: str

    @property
    def state(self) -> str:
        """Whether it is told of what only reads too."""
        return state_of(self.policy, self.source)


def rules_of(policies: Iterable[Policy]) -> list[Rule]:
    """Every rule of these policies."""
    return [rule for policy in policies for rule in _rules(policy)]


def _rules(policy: Policy) -> Iterator[Rule]:
    detector = discover().detectors[policy.detect.source]
    yield from _each(policy, policy.detect.source, matched(detector, policy))
    for step, before in enumerate(policy.detect.steps):
        yield from _each(policy, before.source, before.pattern, f".{step + 1}", step=step)


def _each(policy: Policy, source: str, pattern: Mapping[str, Any], suffix: str = "", **said: Any) -> Iterator[Rule]:
    """`edsr-<source>-<policy>`, on each bus that its events come over; a policy's further rules have a suffix that no
    id can have."""
    words = "".join(f',"{name}":{json.dumps(value)}' for name, value in said.items())
    template = f'{{"v":1,"policy":{json.dumps(policy.id)}{words},"event":<aws.events.event.json>}}'
    name, taken = f"edsr-{source}-{policy.id}{suffix}", {**pattern, **NOT_REPLAYED}
    for bus in buses(discover().detectors[source], pattern):
        yield Rule(name, source, policy, taken, template, bus)


def able(detector: Entry, rules: Iterable[Rule]) -> Entry:
    """The detector with what the techniques of its rules' policies need; with no such policy it may nothing more."""
    return detector.may_also(*(said for rule in rules for said in permissions(rule.policy)))
