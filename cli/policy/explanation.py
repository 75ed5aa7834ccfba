"""Why a policy would act on an event or not: its pattern, its detector, every gate, and the plan it would draw."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cli.policy.given import Assumed, State
from decide.chain import decide
from decide.gather import careful
from detect.intake import Ignored
from edsr import audit, pattern
from edsr.errors import EdsrError, Malformed
from edsr.extract import ExpressionInvalid
from edsr.model import Decision, Finding, Plan
from edsr.model import State as IncidentState
from edsr.pattern import Row
from edsr.policy import Library, Playbook, Policy
from edsr.protocol.incident import DEADLINE, Incident
from edsr.times import epoch
from infra.catalogue import catalogue, discover
from infra.lint.arguments import asked, expressions
from infra.lint.shapes import near, paths
from infra.parts.recoveries import matched
from infra.trial import assume, detect, rehearse
from plan.draw import World, draw


@dataclass(frozen=True)
class Explanation:
    """What a policy makes of an event. `ignored` and `unplanned` say why there is no finding, and no plan."""

    policy: Policy
    matches: bool
    pattern: list[Row]
    hints: list[str]
    ignored: str = ""
    finding: Finding | None = None
    decision: Decision | None = None
    plan: Plan | None = None
    unplanned: str = ""


class Unobserved(EdsrError):
    """Drawing the plan needs a target's state, and none was given."""

    def __init__(self, target: str) -> None:
        super().__init__(f"the state of {target} is not given")
        self.target = target


def explain(
    policy: Policy, playbook: Playbook | None, event: dict[str, Any], assumed: Assumed, library: Library
) -> Explanation:
    """Ask everything in the order in which it happens, until something ends it."""
    compiled = pattern.compile(policy.detect.pattern)
    rows, matches = compiled.explain(event), compiled.matches(event)
    hints = [] if matches else [hint for row in rows if not row.matched for hint in _hints(row, event)]
    if not matches:
        return Explanation(policy, matches, rows, [*hints, *_over(policy, event)])
    try:
        found = detect(policy, event)
        if not isinstance(found, Ignored):
            found = rehearse(policy, event, found, assumed.given)
    except (ValueError, Malformed) as exc:
        return Explanation(policy, matches, rows, hints, f"it is malformed, and quarantined: {exc}")
    if isinstance(found, Ignored):
        return Explanation(policy, matches, rows, hints, found.reason)
    found, policy, facts = assume(_enriched(found, library), policy, assumed.given)
    facts = facts._replace(calendars=library.spans())
    if playbook:
        facts = facts._replace(careful=careful(playbook, catalogue(), library.reversible))
    if why := library.protected(found.subject.arn):
        facts = facts._replace(protected=why)
    decision = decide(found, policy, facts)
    try:
        plan, unplanned = _planned(found, decision, policy, playbook, assumed.state, library), ""
    except (EdsrError, ExpressionInvalid) as exc:
        plan, unplanned = None, _unplanned(exc, playbook)
    return Explanation(policy, matches, rows, hints, "", found, decision, plan, unplanned)


def _over(policy: Policy, event: dict[str, Any]) -> Iterator[str]:
    """Whether the policy's rule takes the event all the same, since it tells that it is over."""
    detector = discover().detectors.get(policy.detect.source)
    if detector and pattern.compile(matched(detector, policy)).matches(event):
        yield "its rule takes it all the same: it tells that it is over, and ends what was not begun by then"


def _enriched(found: Finding, library: Library) -> Finding:
    return found.model_copy(update={"subject": library.enrich(found.subject)})


def _planned(
    found: Finding, decision: Decision, policy: Policy, playbook: Playbook | None, state: State, library: Library
) -> Plan:
    if playbook is None:
        raise Malformed(f"there is no playbook {policy.respond.playbook!r} that can be read")

    def observe(_reader: str, target: str) -> dict[str, Any]:
        if target not in state:
            raise Unobserved(target)
        return state[target]

    incident = Incident(
        id=found.incident_id,
        state=IncidentState.DECIDED,
        head=audit.START,
        finding=found,
        policy=policy,
        playbook=playbook,
        decision_id=decision.id,
        deadline=epoch(decision.decided_at + DEADLINE),
    )
    return draw(incident, World(catalogue(), library.managed_by, library.fleet, observe, library.protected))


def _unplanned(reason: Exception, playbook: Playbook | None) -> str:
    if not isinstance(reason, Unobserved) or playbook is None:
        return str(reason)
    fields = ", ".join(f'"{name}": ...' for name in sorted(_observed(playbook))) or "..."
    wanted = f'{{"state": {{"{reason.target}": {{{fields}}}}}}}'
    return f"{reason}: nothing is observed offline. To see the plan, give a file with --given: {wanted}"


def _observed(playbook: Playbook) -> set[str]:
    """The fields of a target's state that the steps' expressions ask for."""
    steps = [step for stage in playbook.stages for step in stage.steps]
    said = [expression for step in steps for _, expression in expressions((), step.with_)]
    return {inner for expression in said for name, inner in asked(expression) if name == "pre" and inner}


def _hints(row: Row, event: dict[str, Any]) -> Iterator[str]:
    """What the event has instead of what is wanted; where it has nothing, the fields that are spelled like it."""
    wanted = json.dumps(row.wanted, ensure_ascii=False)
    if row.found:
        has = " and ".join(json.dumps(value, ensure_ascii=False) for value in row.found)
        yield f"{row.path}: the event has {has}, the pattern wants {wanted}"
        return
    path = re.sub(r"(^|\.)\$or\[\d+\]", "", row.path).lstrip(".")
    likely = near(path, set(paths(event)))
    also = f", but it has {' and '.join(likely)}" if likely else ""
    yield f"{row.path}: the event has no {path}{also}; the pattern wants {wanted}"
