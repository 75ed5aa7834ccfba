"""A synth needs no network and no account, and writes the same bytes every time."""

import json
import os
import subprocess
import sys
from pathlib import Path

from infra import ROOT
from tests.infra.conftest import Synth
from tests.infra.reading import Assembly

AGAIN = "import sys; from pathlib import Path; from infra.app import build; build(Path(sys.argv[1]))"


def run(command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, without credentials and with another hash seed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CDK_"))}
    return subprocess.run(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, *command], cwd=ROOT, env=kept | environment, capture_output=True, text=True, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_two_synths_are_the_same_to_the_last_byte(dev: Assembly, tmp_path: Path) -> None:
    again = run(["-c", AGAIN, str(tmp_path / "again")], PYTHONHASHSEED="7")
    assert again.returncode == 0, again.stderr
    assert contents(tmp_path / "again") == contents(dev.folder)


def test_an_unknown_environment_stops_the_app_with_one_line(tmp_path: Path) -> None:
    said = run(["-m", "infra.app"], CDK_CONTEXT_JSON='{"environment": "moon"}', CDK_OUTDIR=str(tmp_path))
    assert said.returncode == 1
    assert said.stderr.strip() == (
        "edsr: there is no environment 'moon'; there are dev, prod, staging (-c environment=...)"
    )


def test_the_catalogue_is_read_without_the_cdk() -> None:
    said = run(["-c", "import sys, infra.catalogue; infra.catalogue.catalogue(); print('aws_cdk' in sys.modules)"])
    assert said.stdout.strip() == "False"


def test_no_template_says_where_it_was_made(dev: Assembly) -> None:
    for file in dev.folder.glob("*.json"):
        assert str(ROOT) not in file.read_text("utf-8")


def test_the_command_line_of_the_cdk_is_pinned_without_an_address() -> None:
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    (version,) = package["devDependencies"].values()
    found = lock["packages"]["node_modules/aws-cdk"]
    assert found["version"] == version
    assert found["integrity"].startswith("sha512-")
    assert "://" not in json.dumps(lock)


def test_environments_differ_in_their_tag_and_keep_their_names(synth: Synth) -> None:
    for environment in ("dev", "staging", "prod"):
        assembly = synth(environment)
        tags = assembly.compute.one("AWS::SNS::Topic", TopicName="edsr-pages")["Tags"]
        assert {"Key": "edsr:environment", "Value": environment} in tags
        assert {template.name for template in assembly.templates} == {"Edsr-Stateful", "Edsr-Actions", "Edsr-Compute"}
