"""HARM: what got worse after an action of ours is attributed to it, once: its breaker opens, its scope is stopped, and
what may be undone is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from edsr.model import Finding, Kind, State
from edsr.ports import Item, Key, Write
from edsr.protocol import keys
from edsr.protocol.breaker import Count, count, regressed
from edsr.protocol.case import Case
from edsr.protocol.consequences import BRAKE, common
from edsr.protocol.control_chain import append, heads
from edsr.protocol.controls import ALL, SWITCHES, Engaged, engaged, engaging
from edsr.protocol.ending import Ending, last_words
from edsr.protocol.grouping import NO_SERVICE
from edsr.protocol.incident import Move, advance
from edsr.times import epoch, iso

ENDED = (State.RESOLVED, State.ESCALATED, State.HOLDING)
"""Where an incident stands whose action may be to blame: it is not under way, and not undone."""


class Blame(NamedTuple):
    """What is attributed: to whose action, by which finding, and why in a sentence."""

    case: Case
    found: Finding
    why: str


def to_read(case: Case, at: datetime) -> list[Key]:
    """What the writes depend on, beside the case."""
    brief = case.incident.brief
    return [keys.breaker(brief.policy, brief.service), keys.REGRESSIONS, *SWITCHES, *heads(at)]


def attribute(blame: Blame, there: Mapping[Key, Item], at: datetime) -> list[Write]:
    """The writes that attribute it, of what `to_read` gives: they hold once, since the incident's head moves on and
    says so. Undoing is let, whatever is stopped."""
    incident, brief = blame.case.incident, blame.case.incident.brief
    breaker = keys.breaker(brief.policy, brief.service)
    counted = count(brief, incident.policy.safeguards.breaker, there.get(breaker), Count.REGRESSION, at)
    remembered, policies, services = regressed(brief, there.get(keys.REGRESSIONS), at)
    scope = _scope(brief.policy, brief.service, policies, services)
    reason = f"{incident.id} of {brief.policy} did harm: {blame.why}"
    writes = [*_blamed(blame, scope, at), *([counted] if counted else []), remembered]
    if {scope, ALL} & set(engaged(there)):
        return writes
    said = Engaged(BRAKE, common(policies) if scope == ALL else reason, undo=True)
    change = engaging(there, scope, said, at)
    told = {"title": f"stopped for {scope}: {said.reason}", "subject": brief.subject, "policy": brief.policy}
    body = {**change.body, **told, "runbook": brief.runbook, "incident": incident.id}
    return [*writes, *change.writes, *append(there, body, actor=BRAKE, at=at)]


def _scope(policy: str, service: str, policies: list[str], services: list[str]) -> str:
    """As wide as the harm: everything when two policies did harm within the hour, the policy when it did so on two
    services, else the service."""
    if len(policies) > 1:
        return ALL
    return f"policy:{policy}" if len(services) > 1 or service == NO_SERVICE else f"service:{service}"


def _blamed(blame: Blame, scope: str, at: datetime) -> list[Write]:
    """The incident says so in its own chain. With anything to undo it holds, until a run of its own has undone it."""
    case, incident = blame.case, blame.case.incident
    undo = [step.n for step in case.undoable]
    to = State.HOLDING if undo or incident.state is State.HOLDING else incident.state
    body = {**last_words(incident.brief, Ending(to, blame.why, []), at), "harm": _harm(blame, scope, undo)}
    also = "#harm = :harm"
    values: Item = {":harm": blame.found.incident_id}
    if to is State.HOLDING:
        also += ", #holds = :holds, #open = :open"
        values |= {":holds": incident.holds + 1, ":open": keys.open_shard(incident.id)}
    move = Move(
        to,
        Kind.CLOSE,
        body,
        actor="decide",
        at=at,
        when=(incident.state,),
        also=also,
        condition="attribute_not_exists(#harm)",
        values=values,
        check=epoch(at) if to is State.HOLDING else None,
    )
    moved, _ = advance(incident.brief, incident.head, move)
    return [write._replace(label=f"HARM {write.label}") for write in moved]


def _harm(blame: Blame, scope: str, undo: list[int]) -> dict[str, Any]:
    found = blame.found
    return {
        "incident": found.incident_id,
        "title": found.title,
        "observed_at": iso(found.observed_at),
        "reason": blame.why,
        "scopes": [scope],
        "undo": undo,
    }
