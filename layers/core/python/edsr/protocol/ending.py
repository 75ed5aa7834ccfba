"""CLOSE: an incident ends once; what it held is freed, its cooldown begins, and its policy is judged by it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from edsr import audit
from edsr.errors import Refused, Transient
from edsr.model import OPEN, Kind, State
from edsr.ports import Cancelled, Clock, Item, Store, Write
from edsr.protocol import keys, measures
from edsr.protocol.brakes import crowded, unwell, unwell_keys
from edsr.protocol.breaker import Count
from edsr.protocol.brief import Brief
from edsr.protocol.case import Case
from edsr.protocol.consequences import consequences
from edsr.protocol.incident import Move, advance
from edsr.protocol.storms import tell, weather
from edsr.times import epoch

RACES = 5
DROPPED = ("LCK", "GRD", "SEM")
"""What may be another's by now, or never was the incident's."""

_WELL = (State.RESOLVED, State.REVERTED, State.ABORTED, State.HOLDING)


class Ending(NamedTuple):
    """How an incident ends: the state, why in a sentence, and the verdicts that no intent has carried.

    `worse` says that a step was judged so; `denied` are the steps that were denied; `recovered` that it was over
    before anything was done about it; `storm` names the incident that told a person of what held this one;
    `context` is what was found around it; `over` are the steps whose temporary measures were found undone or gone.
    """

    to: State
    reason: str
    verdicts: list[dict[str, Any]]
    worse: bool = False
    denied: frozenset[int] = frozenset()
    recovered: bool = False
    storm: str = ""
    context: str = ""
    over: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Known:
    """What an execution knows of an incident that went well: with it CLOSE needs no read."""

    brief: Brief
    head: audit.Head
    targets: frozenset[str]


def end_known(store: Store, known: Known, ending: Ending, *, actor: str, at: datetime) -> bool:
    """End an incident whose end changes nothing but itself; False when it is not as the execution knows it."""
    return _commit(store, close(known, ending, (State.RUNNING,), actor=actor, at=at))


def end(store: Store, incident_id: str, judge: Callable[[Case], Ending | None], *, actor: str, clock: Clock) -> State:
    """End an incident as `judge` says, whoever asks and however often; gives the state it ended in, now or before.
    Where the judge says None it stays as it is, and its state is given.

    Raises Refused for an incident that does not exist, Transient when it cannot be settled.
    """
    for _ in range(RACES):
        case = Case.look(store, incident_id)
        if case is None:
            raise Refused(f"there is no incident {incident_id}")
        if case.incident.state not in OPEN:
            return case.incident.state
        at, said = clock(), judge(case)
        if said is None:
            return case.incident.state
        finished = [measures.finish(incident_id, one.n) for one in case.measures if one.n in said.over]
        case = case.without(said.over)
        ending, told = held(store, case, _honest(case, said, at), at)
        known = Known(case.incident.brief, case.incident.head, frozenset(case.targets))
        ending = ending._replace(context=case.context, reason=_reason(case, ending))
        writes = close(known, ending, (case.incident.state,), actor=actor, at=at, holds=_holds(case, ending, at))
        writes += told + finished
        writes += consequences(store, case, _count(case, ending), case.actions(ending.denied), at)
        writes += [measures.renew(incident_id, one, at) for one in _renewed(case, ending, at)]
        if _commit(store, writes):
            return ending.to
    raise Transient(f"{incident_id} lost {RACES} races to be closed")


def _honest(case: Case, ending: Ending, at: datetime) -> Ending:
    """No end is well while nobody knows what came of a step, or a temporary measure is in place."""
    if ending.to not in _WELL:
        return ending
    if case.unsettled:
        which = ", ".join(str(n) for n in sorted(case.unsettled))
        return ending._replace(to=State.ESCALATED, reason=f"nobody knows what came of step {which}; {ending.reason}")
    if ending.to not in (State.RESOLVED, State.HOLDING):
        return ending
    spent = [one for one in _over(case, at) if one.spent]
    if spent:
        why = f"still not better after {spent[0].renewals} renewals: it stays in place; {ending.reason}"
        return ending._replace(to=State.ESCALATED, reason=why)
    if not case.measures and ending.to is State.HOLDING:
        return ending._replace(to=State.ESCALATED)
    return ending._replace(to=State.HOLDING) if case.measures else ending


def _reason(case: Case, ending: Ending) -> str:
    """Why, and which temporary measures nothing ends any more: whoever is told has to."""
    left = ", ".join(str(one.n) for one in case.measures)
    if not left or ending.to not in (State.ABORTED, State.ESCALATED):
        return ending.reason
    return f"{ending.reason}; step {left} was for a while, and stays until a person undoes it"


def held(store: Store, case: Case, ending: Ending, at: datetime) -> tuple[Ending, list[Write]]:
    """The ending with the storm that it belongs to, where nothing was done; and the write with which it tells of one
    itself, since most of a fleet is unwell and nobody has. Of several that end at once one tells."""
    brief = case.incident.brief
    if ending.to is not State.ABORTED or ending.recovered or case.begun:
        return ending, []
    storm, *ill = [keys.storm(brief.service, brief.kind), *unwell_keys(brief.service, brief.kind, at)]
    found = store.read([storm, *ill])
    sky = weather(unwell([found[key] for key in ill if key in found], at), found.get(storm))
    if sky.stormy(brief.id, at):
        return ending._replace(storm=sky.told), []
    crowd = any(crowded(len(sky.unwell), step.fleet) for step in case.steps)
    return ending, [tell(brief, case.incident.policy, at)] if crowd else []


def _over(case: Case, at: datetime) -> list[measures.Measure]:
    """The measures whose time is over and that are still in place."""
    return measures.due(case.measures, at) if case.incident.state is State.HOLDING else []


def _renewed(case: Case, ending: Ending, at: datetime) -> list[measures.Measure]:
    return _over(case, at) if ending.to is State.HOLDING else []


class _Holds(NamedTuple):
    """How often the incident was left holding, and when the first of its measures ends."""

    times: int
    until: int


def _holds(case: Case, ending: Ending, at: datetime) -> _Holds | None:
    if ending.to is not State.HOLDING:
        return None
    renewed = {one.n: epoch(at) + one.lasts for one in _renewed(case, ending, at)}
    until = min(renewed.get(one.n, one.expires_at) for one in case.measures)
    return _Holds(case.incident.holds + 1, until)


def _count(case: Case, ending: Ending) -> Count:
    """Only who has acted says something about the policy."""
    if case.incident.state is not State.RUNNING:
        return Count.NEUTRAL
    if ending.worse or ending.to is State.REVERTED:
        return Count.REGRESSION
    return {
        State.RESOLVED: Count.SUCCESS,
        State.HOLDING: Count.SUCCESS,
        State.ESCALATED: Count.FAILURE,
    }.get(ending.to, Count.NEUTRAL)


def close(
    known: Known, ending: Ending, when: tuple[State, ...], *, actor: str, at: datetime, holds: _Holds | None = None
) -> list[Write]:
    """The writes that end an incident. A lock, slot or guard that is another's by now cancels them."""
    brief = known.brief
    move = Move(ending.to, Kind.CLOSE, last_words(brief, ending, at), actor=actor, at=at, when=when)
    if holds:
        move = move._replace(also="#holds = :holds", values={":holds": holds.times}, check=holds.until)
    moved, _ = advance(brief, known.head, move)
    return [*moved, _release(brief, at, undone=ending.to is State.REVERTED), _leave(brief), *_unlocked(known)]


def last_words(brief: Brief, ending: Ending, at: datetime) -> dict[str, Any]:
    """What the last record says: enough for a page to be read without looking anything up. Of what recovered by itself,
    or was held by a storm that a person knows of, nobody is paged."""
    return {
        "state": ending.to.value,
        "verdicts": ending.verdicts,
        "reason": ending.reason,
        "context": ending.context,
        "title": brief.title,
        "severity": brief.severity.value,
        "subject": brief.subject,
        "service": brief.service,
        "policy": brief.policy,
        "runbook": brief.runbook,
        "took_ms": int((at - brief.detected_at).total_seconds() * 1000),
        **({"recovered": True} if ending.recovered else {}),
        **({"storm": ending.storm} if ending.storm else {}),
    }


def _commit(store: Store, writes: list[Write]) -> bool:
    """Commit, leaving out what is another's by now; False when the incident itself or a brake moved."""
    try:
        store.commit(writes)
    except Cancelled as exc:
        if any(label.split()[0] not in DROPPED for label in exc.found):
            return False
        return _commit(store, [write for write in writes if write.label not in exc.found])
    return True


def _release(brief: Brief, at: datetime, *, undone: bool) -> Write:
    update = "SET #last = :inc, #cool.#policy = :cool" + (", #undone.#playbook = :now" if undone else "")
    update += " REMOVE #inc_id, #until"
    values: Item = {":inc": brief.id, ":cool": epoch(at) + brief.cooldown}
    return Write(
        "GRD",
        "Update",
        keys.guard(brief.subject),
        "#inc_id = :inc",
        update,
        names={"#policy": brief.policy, **({"#playbook": brief.playbook} if undone else {})},
        values=values | ({":now": epoch(at)} if undone else {}),
    )


def _leave(brief: Brief) -> Write:
    return Write(
        "SEM",
        "Update",
        keys.slots(brief.slots),
        "contains(#holders, :inc)",
        "DELETE #holders :one",
        values={":inc": brief.id, ":one": {brief.id}},
    )


def _unlocked(known: Known) -> Iterator[Write]:
    for target in sorted(known.targets):
        yield Write(
            f"LCK {target}",
            "Update",
            keys.lock(target),
            "#owner = :inc",
            "REMOVE #owner, #lease_until",
            values={":inc": known.brief.id},
        )
