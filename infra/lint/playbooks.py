"""The rules that a playbook keeps: its runbook, its actions and their arguments, its targets and probes."""

from collections.abc import Iterator

from edsr.entries import ActionEntry
from edsr.policy import Playbook, PlaybookStep
from edsr.policy.documents import Select
from infra.lint import rules
from infra.lint.arguments import (
    ROOTS,
    SELECTED,
    STEP,
    Sees,
    argument_rules,
    expression_rules,
    template_rules,
    verify_rules,
)
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
    if sum(said is not None for said in (step.target, step.target_path, step.select)) != 1:
        yield Said(rules.NO_TARGET, at, "needs one of target, target.$ and select")
    if step.target_path:
        yield from expression_rules((*at, "target.$"), step.target_path, sees)
    if step.select:
        yield from _select((*at, "select"), step.select, sees, known)
    within: Sees = {**sees, **STEP, **(SELECTED if step.select else {})}
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
    yield from template_rules((*at, "with"), step.with_, within)
    if step.verify:
        yield from verify_rules((*at, "verify"), step.verify, known, within)


def _select(at: Location, select: Select, sees: Sees, known: Known) -> Iterator[Said]:
    selector = known.catalogue.selectors.get(select.selector)
    if selector is None:
        yield Said(
            rules.NO_SELECTOR, (*at, "selector"), none_such("selector", select.selector, known.catalogue.selectors)
        )
        return
    yield from argument_rules((*at, "with"), select.with_, selector.arguments, f"selector {selector.id}")
    yield from template_rules((*at, "with"), select.with_, sees)
