"""The rules that a policy keeps: what it refers to is there, what it hands on fits, and it does nothing unsafe."""

from collections.abc import Iterator

from edsr import extract
from edsr.entries import ActionEntry, PlannedActionEntry, PlannedProbeEntry
from edsr.model import Mode
from edsr.policy import Playbook, Policy
from edsr.policy.windows import named
from infra.lint import rules
from infra.lint.arguments import ROOTS, STEP, template_rules, verify_rules
from infra.lint.known import Known
from infra.lint.phrases import meant, none_such
from infra.lint.playbooks import runbook_rules
from infra.lint.problem import Said


def policy_rules(policy: Policy, known: Known) -> Iterator[Said]:
    """What is wrong with one policy in itself and with what it names."""
    if policy.detect.source not in known.detectors:
        what = none_such("detector", policy.detect.source, known.detectors)
        yield Said(rules.NO_DETECTOR, ("detect", "source"), what)
    for step, before in enumerate(policy.detect.steps):
        if before.source not in known.detectors:
            what = none_such("detector", before.source, known.detectors)
            yield Said(rules.NO_DETECTOR, ("detect", "sequence", "after", step, "source"), what)
    yield from _guessed(policy)
    yield from runbook_rules(policy.runbook, known)
    yield from _calendars(policy, known)
    spared = policy.safeguards.error_budget
    if spared and spared.objective not in known.objectives:
        what = none_such("objective", spared.objective, known.objectives)
        yield Said(rules.NO_OBJECTIVE, ("safeguards", "error-budget", "objective"), what)
    playbook = known.playbooks.get(policy.respond.playbook)
    parameters = frozenset(playbook.parameters) if playbook else None
    if policy.verify:
        yield from verify_rules(("verify",), policy.verify, known, {**ROOTS, **STEP, "parameters": parameters})
    yield from template_rules(("respond", "with"), policy.respond.with_, ROOTS)
    if playbook:
        yield from _parameters(policy, playbook)
        yield from _undone(policy, playbook, known)
        yield from _unasked(policy, playbook, known)
        yield from _planned(policy, playbook, known)
        yield from _by_hand(policy, playbook)
    elif policy.respond.playbook not in known.written:
        what = none_such("playbook", policy.respond.playbook, known.playbooks)
        yield Said(rules.NO_PLAYBOOK, ("respond", "playbook"), what)


def _calendars(policy: Policy, known: Known) -> Iterator[Said]:
    window = policy.safeguards.window
    for key, said in (("allow", window.allow), ("deny", window.deny)):
        for index, one in enumerate(said):
            for name in named([one]):
                if name not in known.calendars:
                    what = none_such("calendar", name, known.calendars)
                    yield Said(rules.NO_CALENDAR, ("safeguards", "window", key, index), what)


def _parameters(policy: Policy, playbook: Playbook) -> Iterator[Said]:
    at = ("respond", "with")
    given = {name.removesuffix(extract.MARK): name for name in policy.respond.with_}
    for name, parameter in playbook.parameters.items():
        if parameter.required and name not in given:
            yield Said(
                rules.NO_PARAMETER, at, f"misses {name!r}, which playbook {playbook.id} needs: {parameter.title}"
            )
    for name in sorted(set(given) - set(playbook.parameters)):
        has = ", ".join(playbook.parameters) or "none"
        what = f"playbook {playbook.id} has no parameter {name!r}{meant(name, playbook.parameters)}; it has: {has}"
        yield Said(rules.UNKNOWN_PARAMETER, (*at, given[name]), what)


def _actions(playbook: Playbook, known: Known) -> list[ActionEntry | PlannedActionEntry]:
    """The actions a playbook takes, each once, planned ones too."""
    taken = dict.fromkeys(step.action for stage in playbook.stages for step in stage.steps)
    return [action for name in taken if (action := known.action(name))]


def _planned(policy: Policy, playbook: Playbook, known: Known) -> Iterator[Said]:
    """What nobody has built yet is only watched: in every mode but `observe` its policy is wrong."""
    if policy.respond.mode is Mode.OBSERVE:
        return
    steps = [step for stage in playbook.stages for step in stage.steps]
    judged = [verify.probe for step in steps if (verify := step.verify or policy.verify)]
    missing: dict[str, PlannedActionEntry | PlannedProbeEntry | None] = {}
    missing |= {step.action: known.catalogue.planned_actions.get(step.action) for step in steps}
    missing |= {probe: known.catalogue.planned_probes.get(probe) for probe in judged}
    for name, entry in missing.items():
        if entry:
            what = f"{name} is only planned ({entry.why_not_yet}); allowed: {Mode.OBSERVE}"
            yield Said(rules.ONLY_PLANNED, ("respond", "mode"), f"{policy.respond.mode.value!r} is not allowed: {what}")


def _by_hand(policy: Policy, playbook: Playbook) -> Iterator[Said]:
    """Where only people do something, the policy watches; where the suite does, each step is judged."""
    if playbook.by_hand and policy.respond.mode is not Mode.OBSERVE:
        what = f"playbook {playbook.id} has no steps for the suite to take; allowed: {Mode.OBSERVE}"
        yield Said(rules.NOTHING_TO_DO, ("respond", "mode"), f"{policy.respond.mode.value!r} is not allowed: {what}")
    unjudged = [step.action for stage in playbook.stages for step in stage.steps if not (step.verify or policy.verify)]
    if unjudged:
        what = f"is missing, and {unjudged[0]} of playbook {playbook.id} has none of its own"
        yield Said(rules.UNJUDGED, ("verify",), what)


def _undone(policy: Policy, playbook: Playbook, known: Known) -> Iterator[Said]:
    for action in _actions(playbook, known) if policy.on_failure[0] == "revert" else ():
        if action.restores:
            reason = f"{action.id} brings back an earlier state, so undoing it would bring back the trouble"
            yield Said(rules.UNDOES_A_CURE, ("on-failure",), f"'revert' is not allowed: {reason}; allowed: hold")


def _guessed(policy: Policy) -> Iterator[Said]:
    """What is only unusual may be harmless: a person is asked, whatever the playbook does."""
    if policy.detect.anomaly and policy.respond.mode is Mode.AUTOMATIC:
        others = ", ".join(mode for mode in Mode if mode is not Mode.AUTOMATIC)
        what = f"what is detected as an anomaly is only unusual, so 'automatic' is not allowed; allowed: {others}"
        yield Said(rules.GUESSED, ("respond", "mode"), what)


def _unasked(policy: Policy, playbook: Playbook, known: Known) -> Iterator[Said]:
    """An action that cannot be undone is approved by a person: by the policy's mode, or by its safeguards."""
    if policy.respond.mode is not Mode.AUTOMATIC or "approval" in policy.safeguards.model_fields_set:
        return
    for action in _actions(playbook, known):
        if not action.reversible:
            others = ", ".join(mode for mode in Mode if mode is not Mode.AUTOMATIC)
            what = f"{action.id} cannot be undone, so 'automatic' must not do it unasked; allowed: {others}"
            yield Said(rules.UNASKED, ("respond", "mode"), what)
