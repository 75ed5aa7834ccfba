"""The rules that a playbook keeps: its runbook, its actions and their arguments, its targets and probes."""

from collections.abc import Iterator

from edsr.entries import ActionEntry
from edsr.policy import Playbook, PlaybookStep
from infra.lint import rules
from infra.lint.arguments import ROOTS, STEP, Sees, argument_rules, expression_rules, template_rules, verify_rules
from infra.lint.known import Known
from infra.lint.phrases import none_such
from infra.lint.problem import Location, Said


def playbook_rules(playbook: Playbook, known: Known) -> Iterator[Said]:
    """What is wrong with one playbook."""
    yield from runbook_rules(playbook.runbook, known)
    sees: Sees = {**ROOTS, "parameters": frozenset(playbook.parameters)}
    for name, parameter in playbook.parameters.items():
        if parameter.default_path:
            yield from expression_rules(("parameters", name, "default.$"), parameter.default_path, ROOTS)
    for at, stage in enumerate(playbook.stages):
        for number, step in enumerate(stage.steps):
            yield from _step(("stages", at, "steps", number), step, sees, known)


def runbook_rules(runbook: str, known: Known) -> Iterator[Said]:
    """Whether the runbook is there."""
    if not (known.root / runbook).is_file():
        yield Said(rules.NO_RUNBOOK, ("runbook",), f"there is no file {runbook}")


def _step(at: Location, step: PlaybookStep, sees: Sees, known: Known) -> Iterator[Said]:
    if (step.target is None) == (step.target_path is None):
        yield Said(rules.NO_TARGET, at, "needs either target or target.$")
    if step.target_path:
        yield from expression_rules((*at, "target.$"), step.target_path, sees)
    action = known.action(step.action)
    if action is None:
        yield Said(rules.NO_ACTION, (*at, "action"), none_such("action", step.action, known.catalogue.actions))
    else:
        yield from argument_rules((*at, "with"), step.with_, action.arguments, f"action {action.id}")
        if step.lasts and (action.restores or not action.reversible):
            what = f"{action.id} is never undone, so it cannot be for a while only"
            yield Said(rules.LASTS_FOR_EVER, (*at, "lasts"), what)
        if isinstance(action, ActionEntry) and action.temporary and not step.lasts:
            yield Said(rules.NEVER_ENDS, at, f"{action.id} is only for a while: the step misses 'lasts'")
    yield from template_rules((*at, "with"), step.with_, {**sees, **STEP})
    if step.verify:
        yield from verify_rules((*at, "verify"), step.verify, known, {**sees, **STEP})
