"""`edsr policy test`: the policies' own tests, what came otherwise than expected, and the gates that refused."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Annotated, Any

import typer

from cli import EVENTS, POLICIES, say
from cli.errors import FAULT
from cli.policy import chosen
from cli.policy.given import spelled
from cli.policy.junit import Case, Suite, write
from cli.policy.options import Events, Folder, Json
from edsr.errors import DocumentInvalid
from edsr.policy import Library, Policy
from infra.lint.trials import not_shown
from infra.trial import Trial, trials

Some = Annotated[list[str] | None, typer.Argument(help="Ids or files; every policy when left out.", metavar="POLICY")]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML here, for a build server.")]


def command(
    policy: Some = None,
    policies: Folder = POLICIES,
    events: Events = EVENTS,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Run the policies' own tests: event and given facts against verdict, playbook and refusing gate.

    A policy also has to show at least one event that it acts on or asks about, one that it leaves alone, and one that
    a gate refuses. One whose playbook is for people shows one that it observes instead of acting.
    """
    asked = [chosen.policy(policies, said) for said in policy] if policy else chosen.policies(policies)
    library = Library.at(policies)
    calendars = library.spans()
    run = {one.id: list(trials(one, events, calendars)) for one in asked}
    shown = {one.id: _shown(run[one.id], by_hand=_by_hand(library, one)) for one in asked}
    suites = [Suite(name, [*map(_case, tests), shown[name]]) for name, tests in run.items()]
    if junit:
        write(junit, suites)
    if json:
        say.as_json(
            {
                "ok": all(suite.well for suite in suites),
                "policies": [_as_json(name, tests, shown[name]) for name, tests in run.items()],
            }
        )
    else:
        _tell(run, shown)
    raise typer.Exit(0 if all(suite.well for suite in suites) else FAULT)


def _case(trial: Trial) -> Case:
    return Case(trial.test.name, "" if trial.passed else "\n".join(_why(trial)))


def _by_hand(library: Library, policy: Policy) -> bool:
    """Whether the policy only watches, because its playbook is for people."""
    try:
        return library.playbook(policy.respond.playbook).by_hand
    except DocumentInvalid:
        return False  # lint tells what is wrong with it


def _shown(run: list[Trial], *, by_hand: bool) -> Case:
    """What the tests have to show besides, as one more case."""
    missing = [said.what for said in not_shown(run, by_hand=by_hand)] if all(trial.passed for trial in run) else []
    does = "an observation" if by_hand else "an act"
    return Case(f"shows {does}, a quiet event and a refusal", "\n".join(missing))


def _why(trial: Trial) -> Iterator[str]:
    """Why a test failed, line by line."""
    if trial.unreadable:
        yield trial.unreadable
    yield from map(str, trial.differences)
    yield from (f"{row.gate} refused: {row.reason}" for row in trial.got.refusals)


def _as_json(policy: str, run: list[Trial], shown: Case) -> dict[str, Any]:
    return {
        "policy": policy,
        "tests": [
            {
                "name": trial.test.name,
                "event": trial.test.event,
                "ok": trial.passed,
                "verdict": trial.got.verdict,
                "why": trial.unreadable or trial.got.why,
                "differences": [difference._asdict() for difference in trial.differences],
                "refused": [row._asdict() for row in trial.got.refusals],
            }
            for trial in run
        ],
        "not_shown": [shown.failure] if shown.failure else [],
    }


def _tell(run: dict[str, list[Trial]], shown: dict[str, Case]) -> None:
    for policy, tests in run.items():
        say.line(policy, "strong")
        for trial in tests:
            say.line(f"  {'ok  ' if trial.passed else 'FAIL'}  {trial.test.name}", "good" if trial.passed else "bad")
            _differences(trial)
        for missing in shown[policy].failure.splitlines():
            say.line(f"  FAIL  its tests: {missing}", "bad")
    every = [trial for tests in run.values() for trial in tests]
    failed = sum(not trial.passed for trial in every)
    counted = f"{say.count(len(every), 'test')} of {say.count(len(run), 'policy')}"
    incomplete = sum(bool(case.failure) for case in shown.values())
    untold = f", {say.count(incomplete, 'policy')} without every kind of test" if incomplete else ""
    say.line(
        f"{counted}: {failed} failed{untold}" if failed or incomplete else f"{counted}, all as expected",
        "bad" if failed or incomplete else "good",
    )


def _differences(trial: Trial) -> None:
    """What was expected beside what came, the rows of the gates that refused, and how to ask further."""
    if trial.unreadable:
        say.line(f"        {trial.unreadable}")
    if not trial.differences:
        return
    rows = [(one.field, (one.expected, "good"), (one.got, "bad")) for one in trial.differences]
    say.table(("", "expected", "got"), rows, indent=8)
    if trial.got.refusals:
        say.table(("refused by", "because"), [(row.gate, row.reason) for row in trial.got.refusals], indent=8)
    say.line(f"        ask why: {_question(trial)}", "soft")


def _question(trial: Trial) -> str:
    """The command that explains what came."""
    test = trial.test
    given = test.given.model_dump(mode="json", by_alias=True, exclude_unset=True)
    said = [f"--mode {test.mode}"] if test.mode else []
    said += [f"--given {quote(f'{name}={spelled(value)}')}" for name, value in given.items()]
    return " ".join(["edsr policy explain", trial.policy, quote(test.event), *said])
