"""What detect and decide load on a cold start: no SDK."""

import os
import subprocess
import sys

import pytest

from tests.estate import ROOT

ASK = (
    "import importlib, sys; importlib.import_module(sys.argv[1]);"
    "print(*sorted(name for name in sys.modules if name.split('.')[0] in ('boto3', 's3transfer', 'moto')"
    " or name.startswith('botocore.')))"
)
DETECTORS = sorted(
    f"detect.detectors.{file.stem}" for file in (ROOT / "functions" / "detect" / "detectors").glob("[a-z]*.py")
)


@pytest.mark.parametrize(
    "module",
    [*DETECTORS, "decide.chain", "decide.handler", "record.handler", "act.step", "edsr.serve"],
)
def test_importing_it_loads_no_sdk(module: str) -> None:
    path = os.pathsep.join([str(ROOT / "functions"), str(ROOT / "layers" / "core" / "python")])
    asked = [sys.executable, "-c", ASK, module]
    said = subprocess.run(asked, env={"PYTHONPATH": path}, capture_output=True, text=True, check=False)  # noqa: S603
    assert said.stderr == ""
    assert said.stdout.split() == []
