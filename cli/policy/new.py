"""`edsr policy new`: a policy that lints, with tests that pass, from one event that it is to answer."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import EVENTS, POLICIES, say
from cli.errors import FAULT
from cli.policy import chosen
from cli.policy.draft import Draft, Wish, draft
from cli.policy.layout import write
from cli.policy.options import Events, Folder, Json
from edsr.model import Severity
from edsr.policy import Library
from infra.catalogue import catalogue, discover
from infra.lint import Problem, errors, lint
from infra.lint.phrases import none_such

Named = Annotated[str | None, typer.Argument(help="Its id: small letters, digits, dashes.", metavar="[ID]")]
Answered = Annotated[str | None, typer.Option("--event", help="An event that it answers: a file, - or a tests' event.")]
Match = Annotated[
    list[str] | None,
    typer.Option("--match", help="What a field of the event must be: detail.alarmName='payments-*'. Repeatable."),
]
With = Annotated[
    list[str] | None, typer.Option("--with", help="A parameter of the playbook: name=value, 'name.$=expression'.")
]
Title = Annotated[str | None, typer.Option("--title", help="One sentence for the person who is woken.")]
Owner = Annotated[str | None, typer.Option("--owner", help="The team that answers for it.")]
Book = Annotated[str | None, typer.Option("--playbook", help="The file in playbooks/ whose steps are taken.")]
Runbook = Annotated[str | None, typer.Option("--runbook", help="The same by hand; the playbook's when left out.")]
How = Annotated[Severity, typer.Option("--severity", help="How bad it is for the people the service serves.")]


def command(  # noqa: PLR0913, PLR0917 - each is an option of the command
    identity: Named = None,
    event: Answered = None,
    match: Match = None,
    title: Title = None,
    owner: Owner = None,
    playbook: Book = None,
    arguments: With = None,
    runbook: Runbook = None,
    severity: How = Severity.HIGH,
    policies: Folder = POLICIES,
    events: Events = EVENTS,
    json: Json = False,
) -> None:
    """Write a policy that lints, with tests that pass, in mode observe; it asks for what no option says.

    It matches the fields that other policies of the same source match, as the event has them, and those of --match.
    """
    library = Library.at(policies)
    books = {book.id: book for book in library.playbooks()}
    named = _asked(identity, "ID", "What is it called (small letters, digits, dashes)?")
    wish = Wish(
        identity=named,
        event=chosen.event(_asked(event, "--event", f"Which event does it answer ({_choices(events)})?"), events),
        matches=dict(_pair(one, "--match") for one in match or []),
        title=_asked(title, "--title", "What does it do, for the person who is woken?"),
        owner=_asked(owner, "--owner", "Which team answers for it?"),
        playbook=books[_book(playbook, sorted(books))],
        arguments=dict(_pair(one, "--with") for one in arguments or []),
        runbook=runbook,
        severity=severity,
    )
    made = draft(wish, library.policies(), discover().detectors, catalogue(), events)
    written = write(made, policies, events)
    problems = [problem for problem in lint(policies, events) if _concerns(problem, named)]
    if json:
        said = [problem.as_json() for problem in problems]
        say.as_json({"ok": not errors(problems), "written": list(map(str, written)), "problems": said})
    else:
        _tell(made, written, problems)
    raise typer.Exit(FAULT if errors(problems) else 0)


def _concerns(problem: Problem, policy: str) -> bool:
    return Path(problem.file).name == f"{policy}.json" or repr(policy) in problem.what


def _asked(value: str | None, option: str, question: str) -> str:
    """What was given, or what a person at a terminal answers."""
    if value is not None:
        return value
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"say {option}: {question}")
    return str(typer.prompt(question))


def _book(said: str | None, books: list[str]) -> str:
    book = books[0] if said is None and len(books) == 1 else _asked(said, "--playbook", f"Which of {', '.join(books)}?")
    if book not in books:
        raise typer.BadParameter(none_such("playbook", book, books))
    return book


def _choices(events: Path) -> str:
    return ", ".join(str(file.relative_to(events)) for file in sorted(events.rglob("*.json")))


def _pair(said: str, option: str) -> tuple[str, str]:
    name, equals, value = said.partition("=")
    if not equals:
        raise typer.BadParameter(f"{option} {said!r} lacks its =value")
    return name, value


def _tell(made: Draft, written: list[Path], problems: list[Problem]) -> None:
    policy: str = made.said["id"]
    for file in written:
        say.line(f"wrote {file}", "good")
    for problem in problems:
        say.line(str(problem), "bad" if errors([problem]) else "warn")
    tests: list[dict[str, Any]] = made.said["tests"]
    say.table(("expects", "test"), [(test["expect"]["verdict"], test["name"]) for test in tests], indent=2)
    say.line("\nit observes until you raise its mode. Next:", "strong")
    for step, why in (
        (f"edsr policy show {policy}", "every safeguard with its default"),
        (f"edsr policy explain {policy} {made.event_name} --mode automatic", "each gate's answer"),
        ("edsr policy backtest --events RECORDED --mode automatic", "what it would have done"),
    ):
        say.line(f"  {step}  # {why}")
    say.line(f"  and name it in {made.said['runbook']}: who is woken looks there")
