"""The state of the suite while recorded events pass: what is claimed, what is being repaired, what is cooling down.

A simple model over the events' own time: who acts or asks holds its subject and a slot until its probe's `within` is
over, and the policy leaves the subject alone for its cooldown after that. It is counted in the policy's own rate; an
environment's rates, breakers and latches are not simulated. What is over is forgotten, so that memory follows what runs
at one time, not how many events there are.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

from cli.policy.backtest.sky import Sky
from decide.facts import Facts
from edsr.limits import Limit
from edsr.model import Decision, DecisionVerdict, Finding
from edsr.policy import Policy
from edsr.protocol.brief import rate_of, slots_of
from edsr.protocol.confirming import Confirming
from edsr.protocol.observing import Observed, observe
from edsr.protocol.rates import Used
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
        self._rates: dict[str, Used] = {}
        self._slots: dict[str, dict[str, int]] = {}
        self._sky: dict[tuple[str | None, str], Sky] = {}
        self._confirming: OrderedDict[tuple[str, str], Confirming] = OrderedDict()
        self._observed: OrderedDict[tuple[str, str], Observed] = OrderedDict()

    def facts(self, found: Finding, policy: Policy, now: datetime) -> Facts:
        """The facts about a finding of a policy at a time."""
        claimed, subject = self._claimed.get(found.id), self._subjects.get(found.subject.arn)
        holders = self._slots.get(slots_of(found.subject, policy), {})
        facts = calm(now)._replace(
            claimed=claimed,
            rates=(self._rate(found, policy),),
            weather=self._sky.get(_fleet(found), Sky()).weather,
            confirming=self._confirming.get((policy.id, found.subject.arn), Confirming()),
            observed=self._observed.get((policy.id, found.subject.arn), Observed()),
            holders=frozenset(incident for incident, until in holders.items() if until >= epoch(now)),
        )
        if subject is None:
            return facts
        cooling = {policy: until for policy, (since, until) in subject.cooling.items() if since <= epoch(now)}
        return facts._replace(holder=subject.holder, held_until=subject.held_until, cooling=cooling)

    def note(self, found: Finding, policy: Policy, decision: Decision, now: datetime) -> None:
        """Remember a decision: what is not suppressed is claimed; who acts or asks holds the subject."""
        self._confirm(found, policy, now)
        self._observe(found, policy, decision, now)
        if found.subject.service:
            self._sky.setdefault(_fleet(found), Sky()).note(found, policy, decision, now)
        if decision.verdict is not DecisionVerdict.SUPPRESS:
            self._claimed[found.id] = found.incident_id
            if len(self._claimed) > self._claims:
                self._claimed.popitem(last=False)
        if decision.verdict.value in ENGAGING:
            within = policy.verify.within if policy.verify else timedelta()
            ends = epoch(now + within)
            before = self._subjects.get(found.subject.arn)
            cooling = dict(before.cooling) if before else {}
            cooling[policy.id] = (ends, epoch(now + within + policy.safeguards.cooldown))
            self._subjects[found.subject.arn] = _Subject(found.incident_id, ends, cooling)
            self._count(found, policy, now, ends)
            self._tidy(now)

    def _confirm(self, found: Finding, policy: Policy, now: datetime) -> None:
        said, about = policy.safeguards.confirmations, (policy.id, found.subject.arn)
        if said.count > 1:
            before = self._confirming.pop(about, Confirming())
            self._confirming[about] = Confirming(before.within(said.within, now) | {found.id: epoch(found.observed_at)})
            if len(self._confirming) > self._claims:
                self._confirming.popitem(last=False)

    def _observe(self, found: Finding, policy: Policy, decision: Decision, now: datetime) -> None:
        about = (policy.id, found.subject.arn)
        if observe(found, decision, policy, self._observed.get(about, Observed()), now):
            self._observed.pop(about, None)
            escalated = decision.verdict is DecisionVerdict.ESCALATE
            self._observed[about] = Observed(found.incident_id, epoch(found.observed_at), escalated)
            if len(self._observed) > self._claims:
                self._observed.popitem(last=False)

    def _rate(self, found: Finding, policy: Policy) -> Used:
        said, scope = policy.safeguards.rate, rate_of(found.subject, policy)
        return self._rates.get(scope, Used(scope, Limit(said.max, said.per)))

    def _count(self, found: Finding, policy: Policy, now: datetime, ends: int) -> None:
        before = self._rate(found, policy)
        self._rates[before.scope] = before._replace(stamps=(*before.counted(now), epoch(now)))
        slots = self._slots.setdefault(slots_of(found.subject, policy), {})
        for over in [incident for incident, until in slots.items() if until < epoch(now)]:
            del slots[over]
        slots[found.incident_id] = ends

    def _tidy(self, at: datetime) -> None:
        """Forget what is over, each time that twice as many subjects are known as were left the last time."""
        if len(self._subjects) <= self._tidy_at:
            return
        now = epoch(at)
        self._subjects = {
            arn: subject
            for arn, subject in self._subjects.items()
            if subject.held_until >= now or any(until > now for _, until in subject.cooling.values())
        }
        self._rates = {scope: used for scope, used in self._rates.items() if used.counted(at)}
        self._slots = {scope: slots for scope, slots in self._slots.items() if max(slots.values()) >= now}
        self._tidy_at = max(self._tidy_least, 2 * len(self._subjects))


def _fleet(found: Finding) -> tuple[str | None, str]:
    return found.subject.service, found.subject.kind
