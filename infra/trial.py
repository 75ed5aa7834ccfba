"""A policy's own tests: the event through pattern, detector and gate chain, with nothing able to act."""

import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from decide.chain import decide
from decide.facts import Facts
from detect.intake import Ignored, waited_for
from edsr import pattern
from edsr.budget import HEALTHY, steady
from edsr.errors import DocumentInvalid, Malformed
from edsr.limits import Limit
from edsr.model import Finding, Mode, Row
from edsr.policy import Policy
from edsr.policy.examples import QUIET, Expect, Given, Test
from edsr.protocol import keys
from edsr.protocol.brief import rate_of
from edsr.protocol.confirming import Confirming
from edsr.protocol.demotions import Demotion
from edsr.protocol.rates import Used
from edsr.protocol.storms import Weather
from edsr.technique.absence import overdue
from edsr.technique.chosen import observe
from edsr.technique.notes import Memory, Notes
from edsr.times import duration_text, epoch, parse
from infra.history import ANOTHER, another, learned, served

MOMENT = timedelta(seconds=2)
"""How long after the event a test decides, unless it says how old the finding is."""

UNMATCHED = "the pattern does not match"
ENGAGING = ("act", "ask")
"""The verdicts under which something is done, perhaps after a person agreed."""


class Outcome(NamedTuple):
    """What was decided; `why` says what kept an event from being a finding."""

    verdict: str
    playbook: str | None = None
    rows: tuple[Row, ...] = ()
    why: str = ""

    @property
    def refusals(self) -> list[Row]:
        """The rows of the gates that did not allow it."""
        return [row for row in self.rows if not row.allowed]


class Difference(NamedTuple):
    """One thing that came otherwise than the test expects."""

    field: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.field}: expected {self.expected}, got {self.got}"


@dataclass(frozen=True)
class Trial:
    """One test of a policy as it was run; `unreadable` says why its event could not be read."""

    policy: str
    index: int
    test: Test
    got: Outcome
    unreadable: str = ""

    @property
    def passed(self) -> bool:
        """Whether all came as expected."""
        return not self.unreadable and not self.differences

    @property
    def differences(self) -> list[Difference]:
        """What came otherwise than expected, field by field."""
        return [] if self.unreadable else list(_differences(self.test.expect, self.got))


Calendars = Mapping[str, tuple[str, ...]]
"""The windows of every calendar there is, by its id."""

Event = dict[str, object]

After = Sequence[tuple[Event, timedelta]]
"""Events that came before the one that is tested, and how long before."""


def trials(policy: Policy, events: Path, calendars: Calendars) -> Iterator[Trial]:
    """Run every test of a policy."""
    for index, test in enumerate(policy.tests):
        try:
            event = _event(events, test.event)
            after = [(_event(events, one.event), one.by) for one in test.after]
        except (OSError, ValueError) as exc:
            named = " or ".join([test.event, *(one.event for one in test.after)])
            reason = f"{named} cannot be read: {getattr(exc, 'strerror', None) or exc}"
            yield Trial(policy.id, index, test, Outcome(QUIET), reason)
        else:
            got = outcome(in_mode(policy, test.mode), event, test.given, calendars, after)
            yield Trial(policy.id, index, test, got)


def _event(events: Path, name: str) -> Event:
    read: Event = json.loads((events / name).read_text(encoding="utf-8"))
    return read


def outcome(policy: Policy, event: dict[str, object], given: Given, calendars: Calendars, after: After = ()) -> Outcome:
    """What a policy decides about one event under what is given. DocumentInvalid when it has no detector."""
    try:
        found = see(policy, event)
        if isinstance(found, Finding):
            found = rehearse(policy, event, found, given, after)
    except (ValueError, Malformed) as exc:
        return Outcome(QUIET, why=f"quarantined: {exc}")
    if isinstance(found, Ignored):
        return Outcome(QUIET, why=found.reason)
    found, policy, facts = assume(found, policy, given)
    decision = decide(found, policy, facts._replace(calendars=calendars))
    return Outcome(decision.verdict.value, decision.playbook, decision.rows)


def rehearse(policy: Policy, event: Event, found: Finding, given: Given, after: After = ()) -> Finding | Ignored:
    """What the policy's technique makes of a finding, after as many like it as are given, and after these events."""
    notes, found = Memory(), served(found)
    if policy.detect.anomaly:
        learned(policy.detect.anomaly, found, given, notes)
    for n in range(0 if policy.detect.anomaly else given.earlier):
        observe(another(found, n, found), policy, notes, found.detected_at)
    steps = policy.detect.steps if given.preceded else []
    for step, _ in enumerate(steps):
        observe(another(found, len(steps) - step, found), policy, notes, found.detected_at, step)
    for n, (before, by) in enumerate(after):
        for step, taken in step_findings(policy, before):
            like = another(taken, n, found).model_copy(update={"observed_at": found.observed_at - by})
            observe(like, policy, notes, found.detected_at, step)
    told = noted(policy, event, found, notes)
    return silence(policy, found, given.silent, notes) if policy.detect.absence and given.silent else told


def silence(policy: Policy, found: Finding, span: timedelta, notes: Notes) -> Finding | Ignored:
    """What the sweep finds when nothing came for so long after an event."""
    key = keys.absent(policy.id, found.subject.arn)
    missed = overdue(policy, notes.read([key])[key], found.observed_at + span)
    return missed or Ignored(f"nothing came for {duration_text(span)}, and it may still come in time")


def step_findings(policy: Policy, event: dict[str, object]) -> Iterator[tuple[int, Finding]]:
    """What an event is found to be as a step of the policy's sequence, for each step that takes it."""
    for step, before in enumerate(policy.detect.steps):
        found = see(policy.model_copy(update={"detect": before}), event)
        if isinstance(found, Finding):
            yield step, served(found)


def noted(policy: Policy, event: Event, found: Finding, notes: Notes) -> Finding | Ignored:
    """What the policy's technique makes of a finding, over what it has noted."""
    told = observe(found, policy, notes, found.detected_at, event=event)
    return told.findings[-1] if told.findings else Ignored(told.why)


def see(policy: Policy, event: dict[str, object]) -> Finding | Ignored:
    """What the policy's rule and detector make of an event."""
    if not pattern.compile(policy.detect.pattern).matches(event):
        return Ignored(UNMATCHED)
    return detect(policy, event)


def detect(policy: Policy, event: dict[str, object]) -> Finding | Ignored:
    """What the policy's detector makes of an event that its rule takes; Malformed or ValueError for an odd one."""
    if policy.detect.absence:
        return waited_for(event, policy, parse(str(event.get("time", ""))))
    module = f"detect.detectors.{policy.detect.source.replace('-', '_')}"
    try:
        detector = importlib.import_module(module)
    except ModuleNotFoundError as exc:
        reason = f"there is no detector {policy.detect.source!r}"
        raise DocumentInvalid(f"{policy.id}.json", "$.detect.source", reason) from exc
    found: Finding | Ignored = detector.detect(event, policy, parse(str(event.get("time", ""))))
    return found


def in_mode(policy: Policy, mode: Mode | None) -> Policy:
    """The policy as if it were in this mode."""
    return policy.model_copy(update={"respond": policy.respond.model_copy(update={"mode": mode})}) if mode else policy


def calm(now: datetime) -> Facts:
    """The facts of a quiet day: everything is known, and nothing is engaged, running or cooling."""
    return Facts(now=now, switches=(), budget=HEALTHY)


def assume(found: Finding, policy: Policy, given: Given) -> tuple[Finding, Policy, Facts]:
    """The finding and the facts as a test gives them; what it does not give is quiet."""
    known = {name: value for name in ("environment", "tier") if (value := getattr(given, name)) is not None}
    found = found.model_copy(update={"subject": found.subject.model_copy(update=known)})
    if given.at:
        found = found.model_copy(update={"observed_at": given.at - (given.age or MOMENT)})
    now = found.observed_at + (given.age or MOMENT)
    facts = calm(now)._replace(
        holder=ANOTHER if given.busy else None,
        held_until=epoch(now) + 60 if given.busy else 0,
        cooling={policy.id: epoch(now) + 60} if given.cooldown else {},
        switches=tuple(given.kill_switch),
        protected="a test says so" if given.protected else "",
        confirming=Confirming({f"another-{n}": epoch(now) for n in range(given.confirmations)}),
        weather=Weather(
            {f"{ANOTHER}-{n}": epoch(now) for n in range(given.unwell)},
            ANOTHER if given.storm else "",
            epoch(now) + 60 if given.storm else 0,
        ),
        demoted=Demotion(given.demoted, "a test", "a test says so") if given.demoted else None,
        budget=steady(given.burn_rate, given.budget_left),
        place=None if given.canary is None else given.canary * 100,
    )
    return found, policy, _braked(facts, found, policy, given)


def _braked(facts: Facts, found: Finding, policy: Policy, given: Given) -> Facts:
    """The facts, with the brakes that a test says hold."""
    safeguards, now = policy.safeguards, epoch(facts.now)
    limit = Limit(safeguards.rate.max, safeguards.rate.per)
    stamps = (now,) * limit.most if given.rate else ()
    acting = safeguards.concurrency.max if given.concurrency else 0
    return facts._replace(
        rates=(Used(rate_of(found.subject, policy), limit, stamps),),
        holders=frozenset(f"{ANOTHER}-{n}" for n in range(acting)),
        breaker={"state": "open", "reopen_at": now + 60} if given.breaker else {},
        denied={policy.respond.playbook: ANOTHER} if given.latch else {},
    )


def _differences(expect: Expect, got: Outcome) -> Iterator[Difference]:
    if expect.verdict != got.verdict:
        why = f" ({got.why})" if got.why else ""
        yield Difference("verdict", expect.verdict, got.verdict + why)
    if expect.playbook and expect.playbook != got.playbook:
        yield Difference("playbook", expect.playbook, got.playbook or "none")
    refusing = [row.gate for row in got.refusals]
    if expect.refused_by and expect.refused_by not in refusing:
        yield Difference("refused-by", expect.refused_by, " and ".join(refusing) or "nobody")
