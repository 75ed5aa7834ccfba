"""Linting a folder of documents: each is read, then held against the rules of its kind, then against its peers."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from edsr.entries import Catalogue
from edsr.model import Mode
from edsr.policy import Calendar, Objective, Playbook, Policy, Service
from infra import EVENTS, ROOT
from infra.catalogue import catalogue, discover
from infra.lint.known import Known
from infra.lint.objectives import objective_rules
from infra.lint.overlaps import overlaps
from infra.lint.patterns import BLINDING, pattern_rules, rule_limits, step_rules
from infra.lint.playbooks import playbook_rules
from infra.lint.policies import policy_rules
from infra.lint.problem import Problem, Said
from infra.lint.reading import Document, Folder, read
from infra.lint.rules import Severity
from infra.lint.services import owners, service_rules
from infra.lint.trails import trail_rules
from infra.lint.trials import trial_rules
from infra.trial import UNMATCHED, in_mode, trials


def lint(
    policies: Path,
    events: Path = EVENTS,
    root: Path = ROOT,
    *,
    modes: Mapping[str, Mode] | None = None,
    entries: Catalogue | None = None,
) -> list[Problem]:
    """Every problem of the documents in a policies folder, in the order of file and line.

    `events` has their tests' events, `root` their runbooks; `modes` (policy id -> mode) go before what the policies
    say, and `entries` are the actions and probes there are instead of those of functions/.
    """
    problems: list[Problem] = []
    playbooks = read(policies / "playbooks", Playbook, policies, problems)
    objectives = read(policies / "objectives", Objective, policies, problems)
    services = read(policies / "services", Service, policies, problems)
    calendars = read(policies / "calendars", Calendar, policies, problems)
    spans = {name: tuple(one.windows) for name, one in calendars.all.items()}
    spans = dict.fromkeys(calendars.names, ()) | spans
    written = read(policies, Policy, policies, problems)
    known = Known(
        entries or catalogue(),
        discover().detectors,
        playbooks.all,
        playbooks.names,
        root.resolve(),
        events,
        spans,
        objectives.names,
    )
    for playbook in playbooks.documents:
        problems += map(playbook.problem, playbook_rules(playbook.said, known))
    for objective in objectives.documents:
        problems += map(objective.problem, objective_rules(objective.said, services.names))
    for service in services.documents:
        problems += map(service.problem, service_rules(service.said))
    problems += _policies(written, known, modes or {})
    return sorted([*problems, *owners(services.documents)])


def _policies(folder: Folder[Policy], known: Known, modes: Mapping[str, Mode]) -> Iterator[Problem]:
    for document in folder.documents:
        yield from map(document.problem, _policy(document.said, known, modes.get(document.said.id)))
    yield from _peers(folder.documents, known)


def _policy(policy: Policy, known: Known, mode: Mode | None) -> list[Said]:
    """What is wrong with one policy. Its tests are run once the rest is right, so that one fault is told once.

    They are run in the mode that it is written in; what it may do is judged in the mode that it is deployed in.
    """
    found = [*policy_rules(in_mode(policy, mode), known), *pattern_rules(policy, known), *step_rules(policy, known)]
    found += trail_rules(policy)
    if any(said.rule.severity is Severity.ERROR for said in found):
        return found
    run = list(trials(policy, known.folder, known.calendars))
    failing = [trial for trial in run if not trial.passed]
    blind = [said for said in found if said.rule in BLINDING]
    if blind and failing and all(trial.got.why == UNMATCHED for trial in failing):
        return [said._replace(rule=said.rule._replace(severity=Severity.ERROR)) for said in blind]
    playbook = known.playbooks.get(policy.respond.playbook)
    return [*found, *trial_rules(policy, run, by_hand=playbook is not None and playbook.by_hand)]


def _peers(documents: list[Document[Policy]], known: Known) -> Iterator[Problem]:
    yield from rule_limits(documents, known)
    for document, said in overlaps(documents, known):
        yield document.problem(said)
