"""Facts from the store: everything the gates ask for, in one read."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple, Self

from decide.facts import Facts
from edsr.budget import BURNS
from edsr.entries import ActionEntry, Catalogue
from edsr.limits import Limit
from edsr.model import Finding, State
from edsr.policy import Library, Playbook, PlaybookStep, Policy
from edsr.ports import Item, Key, Store
from edsr.protocol import keys
from edsr.protocol.acting import acts, acts_keys
from edsr.protocol.brakes import denied_by, unwell, unwell_keys
from edsr.protocol.brief import Brief
from edsr.protocol.confirming import confirming
from edsr.protocol.demotions import demoted
from edsr.protocol.incident import Incident
from edsr.protocol.observing import observed
from edsr.protocol.rates import api_scope, limits_of, to_begin, used
from edsr.protocol.recovering import Recovered, recovered
from edsr.protocol.storms import weather
from edsr.settings import Rated
from edsr.times import epoch


class Asked(NamedTuple):
    """What is decided about: a finding, its documents, the rates it would be counted in, the playbook's `careful`
    actions, why the catalogue protects the subject, and the calendars' windows where the policy names one; `acted_on`
    is the service whose last actions may be what it tells of, empty where that is no question."""

    finding: Finding
    policy: Policy
    playbook: Playbook
    brief: Brief
    limits: Mapping[str, Limit]
    careful: tuple[str, ...]
    protected: str
    calendars: Mapping[str, tuple[str, ...]]
    acted_on: str = ""

    @classmethod
    def of(cls, found: Finding, policy: Policy, playbook: Playbook, library: Library, rates: Rated) -> Self:
        """What is decided about a finding."""
        brief = Brief.of(found, policy, playbook)
        limits = to_begin(limits_of(brief, policy, rates, _apis(brief, playbook, library.catalogue())))
        unasked = careful(playbook, library.catalogue(), library.reversible)
        protected = library.protected(found.subject.arn)
        calendars = library.spans() if policy.safeguards.window.calendars else {}
        return cls(
            found, policy, playbook, brief, limits, unasked, protected, calendars, _acted_on(found, brief, library)
        )

    @property
    def actions(self) -> list[str]:
        """The playbook's actions, each once."""
        return sorted({step.action for stage in self.playbook.stages for step in stage.steps})


def gather(store: Store, asked: Asked, now: datetime) -> tuple[Facts, Incident | None, Recovered]:
    """The facts about a finding, its incident when there is one already, and what has ended on its subject. Raises
    Transient."""
    finding = asked.finding
    claim, guard = keys.claim(finding.id), keys.guard(finding.subject.arn)
    switch, head = keys.switch_of(finding.incident_id), keys.incident(finding.incident_id)
    confirmed = keys.confirming(asked.policy.id, finding.subject.arn)
    lowered, told = keys.demotions(asked.policy.id), keys.observed(asked.policy.id, finding.subject.arn)
    storm, *ill = _sky(asked, now)
    over = keys.recovered(asked.policy.id, finding.subject.arn)
    done = acts_keys(asked.acted_on, finding.observed_at) if asked.acted_on else []
    first = [claim, guard, switch, head, confirmed, lowered, told, over]
    found = store.read([*first, *_brakes(asked), storm, *ill, *done])
    ended = recovered(found.get(over))
    item = found.get(head)
    facts = facts_of(now, found.get(claim), found.get(guard), found.get(switch), item)._replace(
        weather=weather(unwell([found[key] for key in ill if key in found], now), found.get(storm)),
        protected=asked.protected,
        calendars=asked.calendars,
        demoted=demoted(found.get(lowered), asked.brief.service, now),
        confirming=confirming(found.get(confirmed)),
        observed=observed(found.get(told)),
        acts=acts([found[key] for key in done if key in found], finding.observed_at),
        recovered=ended.of(finding),
    )
    return _braked(facts, asked, found), Incident.of(item) if item else None, ended


def _acted_on(found: Finding, brief: Brief, library: Library) -> str:
    """Only an alarm may tell of what we did ourselves: of an objective, about its service, else about the subject's."""
    if not found.evidence.get("alarm"):
        return ""
    if burning := re.fullmatch(BURNS, found.condition):
        return next((one.service for one in library.objectives() if one.id == burning["objective"]), "")
    return brief.service


def _sky(asked: Asked, now: datetime) -> list[Key]:
    """The storm, and the unwell, among the subject's kind in its service."""
    brief = asked.brief
    return [keys.storm(brief.service, brief.kind), *unwell_keys(brief.service, brief.kind, now)]


def _brakes(asked: Asked) -> list[Key]:
    brief = asked.brief
    rates = [keys.rate(scope) for scope in asked.limits]
    latches = [keys.latch(action, brief.account) for action in asked.actions]
    return [keys.breaker(brief.policy, brief.service), keys.slots(brief.slots), *rates, *latches]


def _braked(facts: Facts, asked: Asked, found: Mapping[Key, Item]) -> Facts:
    """The facts, with how the brakes stand that an intent would have to pass."""
    brief = asked.brief
    denied = {name: denied_by(found.get(keys.latch(name, brief.account))) for name in asked.actions}
    return facts._replace(
        careful=asked.careful,
        rates=tuple(used(scope, limit, found.get(keys.rate(scope))) for scope, limit in asked.limits.items()),
        holders=frozenset(found.get(keys.slots(brief.slots), {}).get("holders", ())),
        breaker=found.get(keys.breaker(brief.policy, brief.service), {}),
        denied={name: incident for name, incident in denied.items() if incident},
    )


def _apis(brief: Brief, playbook: Playbook, catalogue: Catalogue) -> list[str]:
    """The budgets that a playbook's actions take from, where its targets are where the subject is."""
    names = {step.action for stage in playbook.stages for step in stage.steps} & set(catalogue.actions)
    return sorted({api_scope(catalogue.actions[name].api, brief.subject, brief) for name in names})


def careful(
    playbook: Playbook, catalogue: Catalogue, reversible: Callable[[str], bool] = lambda _: False
) -> tuple[str, ...]:
    """The actions of a playbook that are never taken unasked: those that cannot be undone, those of which nobody could
    say whether they took effect, and those that customers see, since nothing measures yet how often they are right.

    `reversible` says of what runs by itself whether the catalogue lets it run unasked; where a playbook does not name
    it, nobody knows which one it will be."""
    steps = [step for stage in playbook.stages for step in stage.steps]
    known = [(catalogue.actions[step.action], step) for step in steps if step.action in catalogue.actions]
    return tuple(sorted({action.id for action, step in known if _asks(action, step, reversible)}))


def _asks(action: ActionEntry, step: PlaybookStep, reversible: Callable[[str], bool]) -> bool:
    undone = action.reversible or (action.runs_on and isinstance(step.target, str) and reversible(step.target))
    return not undone or action.klass == "D" or action.customer_visible


def facts_of(now: datetime, claim: Item | None, guard: Item | None, switch: Item | None, head: Item | None) -> Facts:
    """Facts from items as stored; a claim that has expired claims nothing."""
    held = guard or {}
    live = claim and claim["exp"] >= epoch(now)
    return Facts(
        now=now,
        claimed=claim["inc_id"] if claim and live else None,
        standing=State(head["st"]) if head else None,
        holder=held.get("inc_id"),
        held_until=held.get("until", 0),
        cooling=held.get("cool", {}),
        latched="latched" in held,
        undone=held.get("undone", {}),
        switches=tuple(sorted(switch["engaged"])) if switch and "engaged" in switch else None,
    )
