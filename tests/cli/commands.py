"""The command line as tests use it: a command in, its exit code and words out."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from cli.app import app
from cli.errors import UNAVAILABLE, Unavailable
from edsr.errors import EdsrError
from tests.estate import ROOT

SOUND = ROOT / "tests" / "broken" / "sound"
"""One policy with its playbook and its service, kept for tests."""

MORNING = ROOT / "tests" / "recorded" / "a-morning.jsonl"


@dataclass(frozen=True)
class Answer:
    """What a command said; `words` has its text without line breaks, which depend on the terminal's width."""

    code: int
    out: str
    error: str

    @property
    def words(self) -> str:
        return " ".join(self.out.split())

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def edsr(*command: str | Path, given: str | bytes | None = None) -> Answer:
    """Run `edsr ...`; `given` is its standard input."""
    done = CliRunner().invoke(app, [str(part) for part in command], input=given, env={"COLUMNS": "160"})
    if done.exception and not isinstance(done.exception, SystemExit):
        if not isinstance(done.exception, EdsrError):
            raise done.exception
        assert isinstance(done.exception, Unavailable), "an error that a person can act on says what to do"
        return Answer(UNAVAILABLE, done.stdout, str(done.exception))
    return Answer(done.exit_code, done.stdout, done.stderr)
