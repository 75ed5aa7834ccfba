"""The state of the suite while recorded events pass: what is claimed, what is being repaired, what is cooling down.

A simple model over the events' own time: who acts or asks holds its subject until its probe's `within` is over, and the
policy leaves the subject alone for its cooldown after that. Nothing else is engaged. What is over is forgotten, so that
memory follows what runs at one time, not how many events there are.
"""

from collections import OrderedDict
from datetime import datetime
from typing import NamedTuple

from decide.facts import Facts
from edsr.model import Decision, DecisionVerdict, Finding
from edsr.policy import Policy
from edsr.times import epoch
from infra.trial import ENGAGING, calm

CLAIMS = 100_000
"""How many findings are remembered as taken up; an older one's duplicate counts as new."""

TIDY = 1_024
"""How many subjects are kept at least before those are forgotten about which nothing is left to know."""


class _Subject(NamedTuple):
    """Who holds a subject until when, and from when until when each policy leaves it alone; epoch seconds."""

    holder: str
    held_until: int
    cooling: dict[str, tuple[int, int]]


class Simulated:
    """What the gates are told of; `facts` asks, `note` remembers what was decided."""

    def __init__(self, claims: int = CLAIMS, tidy: int = TIDY) -> None:
        self._claims, self._tidy_least = claims, tidy
        self._claimed: OrderedDict[str, str] = OrderedDict()
        self._subjects: dict[str, _Subject] = {}
        self._tidy_at = tidy

    def facts(self, found: Finding, now: datetime) -> Facts:
        """The facts about a finding at a time."""
        claimed, subject = self._claimed.get(found.id), self._subjects.get(found.subject.arn)
        facts = calm(now)._replace(claimed=claimed)
        if subject is None:
            return facts
        cooling = {policy: until for policy, (since, until) in subject.cooling.items() if since <= epoch(now)}
        return facts._replace(holder=subject.holder, held_until=subject.held_until, cooling=cooling)

    def note(self, found: Finding, policy: Policy, decision: Decision, now: datetime) -> None:
        """Remember a decision: what is not suppressed is claimed; who acts or asks holds the subject."""
        if decision.verdict is not DecisionVerdict.SUPPRESS:
            self._claimed[found.id] = found.incident_id
            if len(self._claimed) > self._claims:
                self._claimed.popitem(last=False)
        if decision.verdict.value in ENGAGING:
            ends = epoch(now + policy.verify.within)
            before = self._subjects.get(found.subject.arn)
            cooling = dict(before.cooling) if before else {}
            cooling[policy.id] = (ends, epoch(now + policy.verify.within + policy.safeguards.cooldown))
            self._subjects[found.subject.arn] = _Subject(found.incident_id, ends, cooling)
            self._tidy(epoch(now))

    def _tidy(self, now: int) -> None:
        """Forget what is over, each time that twice as many subjects are known as were left the last time."""
        if len(self._subjects) <= self._tidy_at:
            return
        self._subjects = {
            arn: subject
            for arn, subject in self._subjects.items()
            if subject.held_until >= now or any(until > now for _, until in subject.cooling.values())
        }
        self._tidy_at = max(self._tidy_least, 2 * len(self._subjects))
