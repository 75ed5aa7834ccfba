"""The documents that a command is about: a folder's policies, one policy by its id or file, one event."""

import json
import sys
from pathlib import Path
from typing import Any

from cli.errors import Unavailable
from cli.send import checked, read
from edsr.errors import DocumentInvalid
from edsr.policy import Library, Playbook, Policy
from edsr.policy.library import parse
from infra.lint.phrases import none_such

STDIN = "-"


def policies(folder: Path) -> list[Policy]:
    """Every policy of a folder; Unavailable when it holds none, DocumentInvalid when one cannot be read."""
    if not list(folder.glob("*.json")):
        raise Unavailable(f"{folder} holds no policies: name a folder laid out like policies/")
    return Library.at(folder).policies()


def policy(folder: Path, said: str) -> Policy:
    """One policy, by its id in the folder or by its file; Unavailable names those that there are."""
    file = Path(said) if said.endswith(".json") else folder / f"{said}.json"
    if not file.is_file():
        known = sorted(one.stem for one in folder.glob("*.json"))
        raise Unavailable(f"{none_such('policy', said, known)} (in {folder})")
    return parse(str(file), file.read_text(encoding="utf-8"), Policy)


def folder_of(folder: Path, said: str) -> Path:
    """The folder that a policy's playbook and services are in: its own when it is named by its file."""
    return Path(said).parent if said.endswith(".json") else folder


def playbook(folder: Path, named: str) -> Playbook | None:
    """A playbook of the folder; None when there is none of that name that can be read."""
    try:
        return Library.at(folder).playbook(named)
    except DocumentInvalid:
        return None


def event(said: str, events: Path) -> dict[str, Any]:
    """One event: from a file, from standard input (-), or, by its path there, from the events of the tests."""
    if said == STDIN:
        return checked("standard input", sys.stdin.read())
    file = next((file for file in (Path(said), events / said, events / f"{said}.json") if file.is_file()), None)
    if file is None:
        known = [str(one.relative_to(events)) for one in sorted(events.rglob("*.json"))]
        raise Unavailable(f"{none_such('event', said, known)} (in {events})")
    return read(file)


def document(file: Path) -> Any:
    """What a JSON file holds; Unavailable says why it cannot be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as exc:
        raise Unavailable(f"{file} cannot be read: {exc.strerror}") from exc
    except ValueError as exc:
        raise Unavailable(f"{file} is not JSON: {exc}") from exc
