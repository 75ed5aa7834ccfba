"""What the command line loads before it knows what is asked: not the CDK, which takes seconds, no server, no SQL."""

import subprocess
import sys

from tests.estate import ROOT

HEAVY = ("aws_cdk", "jsii", "moto", "hypothesis", "werkzeug", "duckdb", "sqlglot")
ASK = f"import cli.app, sys; print(*sorted({{name.split('.')[0] for name in sys.modules}} & {{*{HEAVY!r}}}))"


def test_it_starts_without_what_few_commands_need() -> None:
    asked = [sys.executable, "-c", ASK]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert said.stdout.split() == []
