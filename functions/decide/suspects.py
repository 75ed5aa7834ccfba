"""Suspects: whether what a finding tells of may be of our own making, measured before and after what we did there."""

import re
from collections.abc import Iterator
from datetime import datetime

from decide.facts import Facts, Harm
from decide.gather import Asked
from edsr.aws.budgets import by_minute
from edsr.budget import BURNS
from edsr.model import UNDER_WAY, Decision, Finding
from edsr.policy import Library, Objective
from edsr.ports import Clients, Store
from edsr.protocol.acting import Compared
from edsr.protocol.attributing import ENDED, Blame
from edsr.protocol.case import Case
from edsr.regression import by_alarm, by_objective, since

MOST = 5
"""Actions that are looked at, the latest first: a service sees no more of them within minutes."""


def suspected(facts: Facts, asked: Asked, library: Library, store: Store, clients: Clients) -> tuple[Harm, Case | None]:
    """The latest action that made things worse; else one of which nobody knows whether it did; else none. Only an alarm
    is a suspicion: of an objective of the service, or of what was acted on. Raises Transient."""
    found, best, whose = asked.finding, Harm(), None
    for case, acted in _acted(facts, asked, store):
        for compared in _compared(case, acted, found, _objectives(found, library), clients, facts.now):
            seen = Harm(case.incident.id, compared, under_way=case.incident.state in UNDER_WAY)
            if compared.worse:
                return seen, case
            if _doubt(seen) > _doubt(best):
                best, whose = seen, case
    return best, whose


def blamed(found: Finding, decision: Decision, facts: Facts, case: Case | None) -> Blame | None:
    """Whom a decision blames: only what was found live and in time shows that something did harm."""
    rows = {row.gate: row.allowed for row in decision.rows}
    sound = not rows["harm"] and rows["settling"] and rows["origin"] and rows["age"] and rows["recovered"]
    compared = facts.harm.compared
    return Blame(case, found, compared.why) if case and compared.worse and sound else None


def _doubt(harm: Harm) -> int:
    if not harm.incident:
        return 0
    return 1 if harm.compared.worse is False else 3 if harm.compared.early else 2


def _acted(facts: Facts, asked: Asked, store: Store) -> Iterator[tuple[Case, int]]:
    """The incidents whose action stands, or is under way, with the second at which each began to act."""
    for incident, acted in list(facts.acts.items())[:MOST]:
        if incident == asked.finding.incident_id:
            continue
        case = Case.look(store, incident)
        if case and not case.incident.harm and case.standing and case.incident.state in (*ENDED, *UNDER_WAY):
            yield case, acted


def _compared(
    case: Case, acted: int, found: Finding, objectives: list[Objective], clients: Clients, now: datetime
) -> Iterator[Compared]:
    """The service's objectives say how it is; where it has none, the alarm on what was acted on does."""
    theirs = found.subject.arn in {case.incident.finding.subject.arn, *(step.target for step in case.standing)}
    burns = re.fullmatch(BURNS, found.condition) is not None
    if not burns and (not theirs or found.condition == case.incident.finding.condition):
        return
    if not objectives:
        yield by_alarm(found, case.incident.finding.condition, acted)
    for objective in objectives:
        minutes = by_minute(clients("cloudwatch"), objective, begin=since(acted), now=now)
        if isinstance(minutes, str):
            yield Compared(None, f"{objective.id}: {minutes}")
        else:
            yield by_objective(objective, minutes, acted, now)


def _objectives(found: Finding, library: Library) -> list[Objective]:
    """The objective that the finding says is missed, else those of its service."""
    if burning := re.fullmatch(BURNS, found.condition):
        return [one for one in library.objectives() if one.id == burning["objective"]]
    return [one for one in library.objectives() if one.service == found.subject.service]
