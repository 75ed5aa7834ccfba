"""What the machine or AWS refuses a command: it says in a line what was refused, and what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from cli.errors import UNAVAILABLE, advised
from tests.aws.services import refusal
from tests.cli.commands import SOUND
from tests.estate import ROOT


def test_a_folder_where_a_file_should_be_is_named_without_a_trace(tmp_path: Path) -> None:
    command = ("-m", "cli.app", "policy", "test", "--policies", SOUND, "--junit", tmp_path)
    said = subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert said.returncode == UNAVAILABLE, said.stderr
    assert " ".join(said.stderr.split()) == (
        f"error: {tmp_path}: Is a directory: name another file or folder, or make room for this one"
    )


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("ParameterNotFound", "name another --profile"),
        ("AccessDeniedException", "docs/operating.md"),
        ("ExpiredToken", "aws sso login"),
        ("ThrottlingException", ""),
    ],
)
def test_what_aws_refuses_is_said_with_what_to_do(code: str, advice: str) -> None:
    said = advised(refusal(code))
    assert code in said
    assert advice in said
