"""A policy's own tests: the event through pattern, detector and gate chain, with nothing able to act."""

import importlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from decide.chain import decide
from decide.facts import Facts
from detect.intake import Ignored
from edsr import pattern
from edsr.errors import EdsrError
from edsr.model import Finding
from edsr.policy import Policy
from edsr.policy.examples import Given, Test
from edsr.times import epoch, parse

MOMENT = timedelta(seconds=2)
"""How long after the event a test decides, unless it says how old the finding is."""


class Trial(NamedTuple):
    """One test of a policy: what was expected, what came, and whether that is the same."""

    policy: str
    test: str
    expected: str
    got: str

    @property
    def passed(self) -> bool:
        """Whether it came as expected."""
        return self.expected == self.got


def trials(policy: Policy, events: Path) -> Iterator[Trial]:
    """Run every test of a policy."""
    for test in policy.tests:
        expect = test.expect
        expected = [expect.verdict, *([expect.playbook] if expect.playbook else [])]
        expected += [f"refused by {expect.refused_by}"] if expect.refused_by else []
        yield Trial(policy.id, test.name, ", ".join(expected), ", ".join(_run(policy, test, events)))


def _run(policy: Policy, test: Test, events: Path) -> list[str]:
    if test.mode:
        policy = policy.model_copy(update={"respond": policy.respond.model_copy(update={"mode": test.mode})})
    try:
        event = json.loads((events / test.event).read_text(encoding="utf-8"))
        found = see(policy, event)
    except (OSError, ValueError, EdsrError) as exc:
        return [f"{type(exc).__name__}: {exc}"]
    if isinstance(found, Ignored):
        return ["quiet"]
    decision = decide(*assume(found, policy, test.given))
    refusals = {row.gate for row in decision.rows if not row.allowed}
    got = [decision.verdict.value, *([decision.playbook] if test.expect.playbook else [])]
    return got + _refused(test.expect.refused_by, refusals)


def _refused(expected: str | None, refusals: set[str]) -> list[str]:
    if expected is None:
        return []
    return [f"refused by {expected if expected in refusals else ' and '.join(sorted(refusals)) or 'nobody'}"]


def see(policy: Policy, event: dict[str, object]) -> Finding | Ignored:
    """What the policy's rule and detector make of an event."""
    if not pattern.compile(policy.detect.pattern).matches(event):
        return Ignored("the pattern does not match")
    detector = importlib.import_module(f"detect.detectors.{policy.detect.source.replace('-', '_')}")
    found: Finding | Ignored = detector.detect(event, policy, parse(str(event.get("time", ""))))
    return found


def assume(found: Finding, policy: Policy, given: Given) -> tuple[Finding, Policy, Facts]:
    """The finding and the facts as a test gives them; what it does not give is quiet."""
    known = {name: value for name in ("environment", "tier") if (value := getattr(given, name)) is not None}
    found = found.model_copy(update={"subject": found.subject.model_copy(update=known)})
    now = found.observed_at + (given.age or MOMENT)
    facts = Facts(
        now=now,
        holder="i-another" if given.busy else None,
        held_until=epoch(now) + 60 if given.busy else 0,
        cooling={policy.id: epoch(now) + 60} if given.cooldown else {},
        switches=tuple(given.kill_switch),
    )
    return found, policy, facts
