"""`edsr policy lint`: everything that is wrong with what operators wrote, and the policies' own tests."""

from pathlib import Path
from typing import Annotated

import typer

from cli import EVENTS, POLICIES, say
from cli.errors import FAULT, Unavailable
from cli.policy.options import Events, Json
from infra.lint import Problem, errors, lint

Place = Annotated[Path, typer.Argument(help="A folder laid out like policies/, or one file of it.", metavar="PATH")]
Strict = Annotated[bool, typer.Option("--strict", help="Warnings fail, too.")]


def command(path: Place = POLICIES, events: Events = EVENTS, strict: Strict = False, json: Json = False) -> None:
    """Check policies, playbooks and services, and run the policies' own tests.

    Each line names file, line, error or warning, the rule's code, the JSON path, what is wrong and what is allowed.
    docs/lint.md lists the codes. Errors fail, and stop a deployment; warnings do so with --strict only.
    """
    folder = _folder(path)
    problems = [problem for problem in lint(folder, events) if path == folder or _is(problem, path)]
    wrong = errors(problems)
    well = not (problems if strict else wrong)
    if json:
        say.as_json({"ok": well, "problems": [problem.as_json() for problem in problems]})
    else:
        _tell(problems, len(wrong), 1 if path != folder else _count(folder))
    raise typer.Exit(0 if well else FAULT)


def _folder(path: Path) -> Path:
    """The policies folder that a path is or lies in."""
    if path.is_file():
        return path.parent.parent if path.parent.name in ("playbooks", "services") else path.parent
    if not list(path.glob("*.json")):
        raise Unavailable(f"{path} holds no policies: name a folder laid out like policies/, or one file of it")
    return path


def _is(problem: Problem, file: Path) -> bool:
    return file.resolve().parts[-len(Path(problem.file).parts) :] == Path(problem.file).parts


def _count(folder: Path) -> int:
    return sum(len(list(folder.glob(pattern))) for pattern in ("*.json", "playbooks/*.json", "services/*.json"))


def _tell(problems: list[Problem], wrong: int, documents: int) -> None:
    for problem in problems:
        say.line(str(problem), "bad" if problem in errors([problem]) else "warn")
    for rule in sorted({problem.rule for problem in problems}):
        say.line(f"  {rule.code}  {rule.wrong} {rule.remedy}")
    warned = len(problems) - wrong
    counted = f"{say.count(documents, 'document')}: {say.count(wrong, 'error')}, {say.count(warned, 'warning')}"
    tone = "bad" if wrong else "warn" if warned else "good"
    say.line(counted if problems else f"{say.count(documents, 'document')} well", tone)
