"""Drawing a plan: every target named, every argument final, each target's state observed, a digest over it all."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from edsr import extract
from edsr.canonical import canonical, digest, plain
from edsr.entries import ActionEntry, Catalogue
from edsr.errors import Refused
from edsr.model import Plan, Row, Stage, Step, Verify
from edsr.policy import Playbook, PlaybookStep
from edsr.policy.documents import VerifyWith
from edsr.policy.library import Fleet
from edsr.protocol.incident import Incident
from edsr.times import parse_epoch

Observe = Callable[[str, str], dict[str, Any]]
"""`(reader, ARN)` gives the target's state."""

Select = Callable[[str, dict[str, Any]], Mapping[str, dict[str, Any]]]
"""`(selector, its arguments)` gives the targets, and what was worked out for each."""


def nowhere(selector: str, _args: dict[str, Any]) -> Mapping[str, dict[str, Any]]:
    """Where there is no account to look at."""
    raise Refused(f"{selector} has no account to look at")


MOST_LOOKS = 2200
"""A look is nine events of an execution's history; what is done besides, and tried again, has to fit in as well."""
MOST_STEPS = 100
"""An execution carries 256 KB: each step in the plan and its stage, then what came of it, with its error at worst."""
MOST_BYTES = 320_000
"""An item holds 400 KB: a plan has all of its steps in one, a step keeps the state that it found four times over."""
MOST_ENDS = 70
"""Locks and temporary measures that CLOSE writes to, beside up to thirty other items."""


class World(NamedTuple):
    """What drawing needs to know of the outside: the actions there are, who else manages a target, the fleet of its
    kind in its service (None when the catalogue does not know it), its state, why it is protected (or nothing), and
    what a selector finds; and whether the catalogue calls reversible what runs by itself."""

    catalogue: Catalogue
    managed_by: Callable[[str], str | None]
    fleet: Callable[[str, str], Fleet | None]
    observe: Observe
    protected: Callable[[str], str]
    select: Select = nowhere
    reversible: Callable[[str], bool] = lambda _: False


def draw(incident: Incident, world: World) -> Plan:
    """Make the incident's playbook concrete.

    Raises Refused when a value is not known, no target is found, or the plan would touch too much; and what
    observing raises (Gone, Denied, Transient).
    """
    context = context_of(incident)
    stages = tuple(_stages(incident, world, context))
    rows = tuple(_blast_radius(incident, stages, world))
    if refused := [row.reason for row in rows if not row.allowed]:
        raise Refused("; ".join(refused))
    _refuse_unbearable(stages)
    said = {
        "playbook": incident.playbook.digest,
        "stages": [stage.model_dump(mode="json", by_alias=True) for stage in stages],
    }
    return Plan(
        incident_id=incident.id,
        digest=digest(plain(said)),
        decision_id=incident.decision_id,
        playbook=incident.playbook.id,
        stages=stages,
        rows=rows,
        deadline=parse_epoch(incident.deadline),
    )


def context_of(incident: Incident) -> dict[str, Any]:
    """What expressions see: the finding's own words, and the playbook's parameters."""
    found = incident.finding.model_dump(mode="json")
    context: dict[str, Any] = {"finding": found, "subject": found["subject"], "evidence": found["evidence"]}
    context["parameters"] = _parameters(incident.playbook, incident.policy.respond.with_, context)
    return context


def _parameters(playbook: Playbook, given: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    said = extract.resolve(given, context)
    for name, parameter in playbook.parameters.items():
        if name in said:
            continue
        if parameter.required:
            raise Refused(f"playbook {playbook.id} needs {name}: {parameter.title}")
        path = parameter.default_path
        said[name] = extract.find(path, context) if path else parameter.default
    return said


def _stages(incident: Incident, world: World, context: dict[str, Any]) -> Iterator[Stage]:
    if incident.playbook.by_hand:
        raise Refused(f"playbook {incident.playbook.id} has no steps: it is for people")
    number = 0
    for stage in incident.playbook.stages:
        steps: list[Step] = []
        for said in stage.steps:
            for target, selected in sorted(_selected(said, incident, world, context).items()):
                number += 1
                steps.append(_step(number, said, target, incident, world, {**context, **selected}))
        yield Stage(steps=tuple(steps), max_parallel=stage.max_parallel, tolerate=stage.tolerate)


def _selected(
    said: PlaybookStep, incident: Incident, world: World, context: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """The targets, and what expressions see besides of each. A set that is too large is not even looked at."""
    if said.select is None:
        return {target: {} for target in _targets(said, context)}
    name, args = said.select.selector, extract.resolve(said.select.with_, context)
    if name not in world.catalogue.selectors:
        raise Refused(f"there is no selector {name}: known are {', '.join(sorted(world.catalogue.selectors))}")
    found, most = world.select(name, args), incident.policy.safeguards.blast_radius.max_targets
    if not found:
        raise Refused(f"{name} finds no target; an empty set is never taken to mean everything")
    if len(found) > most:
        raise Refused(f"{name} finds {len(found)} targets, at most {most}")
    return {target: {"selected": dict(worked_out)} for target, worked_out in found.items()}


def _targets(said: PlaybookStep, context: Mapping[str, Any]) -> list[str]:
    found = extract.find(said.target_path, context) if said.target_path else said.target
    targets = found if isinstance(found, list) else [found]
    if not targets or not all(isinstance(target, str) and target for target in targets):
        raise Refused(f"{said.action}: no target found; an empty set is never taken to mean everything")
    return sorted(set(targets))


def _step(
    number: int, said: PlaybookStep, target: str, incident: Incident, world: World, context: dict[str, Any]
) -> Step:
    action = _action(said.action, target, world)
    if said.lasts and (action.restores or not action.reversible):
        raise Refused(f"{action.id} may not be undone, so it is no temporary measure: lasts is not allowed")
    if action.temporary and not said.lasts:
        raise Refused(f"{action.id} is only for a while: its step has to say how long it lasts")
    pre, fleet = world.observe(action.reader, target), _fleet(action.resource, target, world)
    args = extract.resolve(said.with_, {**context, "pre": pre, "target": target})
    return Step.model_validate(
        {
            "n": number,
            "action": action.id,
            "function": action.function,
            "class": action.klass,
            "target": target,
            "args": args,
            "pre": pre,
            "pre_hash": digest(pre),
            "reversible": _reversible(action, target, world),
            "revertible": _revertible(action, target, incident, world),
            "fleet": fleet.size,
            "service": fleet.service,
            "expires": int(said.lasts.total_seconds()) if said.lasts else None,
            "renew": said.renew,
            "verify": _verify(said.verify or incident.policy.verify, world, {**context, "pre": pre, "target": target}),
        }
    )


def _action(name: str, target: str, world: World) -> ActionEntry:
    action = world.catalogue.actions.get(name)
    if planned := world.catalogue.planned_actions.get(name):
        raise Refused(f"action {name} is only planned: {planned.why_not_yet}")
    if action is None:
        raise Refused(f"there is no action {name}: known are {', '.join(sorted(world.catalogue.actions))}")
    if reason := world.protected(target):
        raise Refused(f"{target} is protected: {reason}")
    other = world.managed_by(target)
    if other in action.yields_to:
        raise Refused(f"{target} is managed by {other}: two hands must not share one target")
    return action


def _fleet(kind: str, target: str, world: World) -> Fleet:
    known = world.fleet(kind, target)
    if known is None:
        raise Refused(f"no service of the catalogue says how many {kind} it has besides {target}")
    return known


def _reversible(action: ActionEntry, target: str, world: World) -> bool:
    return action.reversible or (action.runs_on and world.reversible(target))


def _revertible(action: ActionEntry, target: str, incident: Incident, world: World) -> bool:
    """Never undone is what restores an earlier state: its undo would bring back the state that raised the alarm."""
    return _reversible(action, target, world) and not action.restores and incident.policy.on_failure[0] == "revert"


def _verify(said: VerifyWith | None, world: World, context: Mapping[str, Any]) -> Verify:
    if said is None:
        raise Refused("nothing says how it is judged: what cannot be judged is not done")
    if planned := world.catalogue.planned_probes.get(said.probe):
        raise Refused(f"probe {said.probe} is only planned: {planned.why_not_yet}")
    if said.probe not in world.catalogue.probes:
        raise Refused(f"there is no probe {said.probe}: what cannot be judged is not done")
    return Verify(
        probe=said.probe,
        args=extract.resolve(said.with_, context),
        within=max(1, int(said.within.total_seconds())),
        every=max(1, int(said.every.total_seconds())),
    )


def _blast_radius(incident: Incident, stages: tuple[Stage, ...], world: World) -> Iterator[Row]:
    """How many targets the plan touches, and what share of each kind a service has; one target is never too many."""
    limits = incident.policy.safeguards.blast_radius
    steps = {step.target: step for stage in stages for step in stage.steps}
    yield _row("blast-radius", len(steps), limits.max_targets, f"touches {len(steps)} of at most {limits.max_targets}")
    kinds = {target: world.catalogue.actions[step.action].resource for target, step in steps.items()}
    fleets = Counter((kind, _fleet(kind, target, world)) for target, kind in kinds.items())
    for (kind, fleet), count in sorted(fleets.items()):
        most = max(1, fleet.size * limits.max_percent // 100)
        share = f"at most {most}, which is {limits.max_percent} %"
        said = f"touches {count} of {fleet.size} {kind} of {fleet.service}: {share}"
        yield _row("blast-radius-percent", count, most, said)


def _refuse_unbearable(stages: tuple[Stage, ...]) -> None:
    """Refuse what would fail halfway: an execution's history ends at 25,000 events, a transaction at 100 writes."""
    steps = [step for stage in stages for step in stage.steps]
    if len(steps) > MOST_STEPS:
        raise Refused(f"it has {len(steps)} steps, at most {MOST_STEPS}: split the playbook")
    whole = sum(len(canonical(plain(step.model_dump(mode="json")))) for step in steps)
    kept = max(whole, *(4 * len(canonical(step.pre)) for step in steps))
    if kept > MOST_BYTES:
        raise Refused(f"to keep what its targets are takes {kept} bytes, at most {MOST_BYTES}")
    looks = sum((step.verify.within // step.verify.every + 1) * (2 if step.revertible else 1) for step in steps)
    if looks > MOST_LOOKS:
        raise Refused(f"its probes would look up to {looks} times, at most {MOST_LOOKS}: look less often, or less long")
    ends = len({step.target for step in steps}) + sum(1 for step in steps if step.expires)
    if ends > MOST_ENDS:
        raise Refused(
            f"its end would free and renew {ends} locks and measures, at most {MOST_ENDS}: split the playbook"
        )


def _row(gate: str, count: int, most: int, said: str) -> Row:
    return Row(gate, count <= most, count, most, said if count <= most else f"refused: {said}")
