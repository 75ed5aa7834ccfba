"""A cold start's processor time: importing a stage, beside the usual Lambda and bare Python, each in a new process."""

import os
import subprocess
import sys
from statistics import median
from typing import Any

from tests.estate import ROOT

_RUNS = 7
_USUAL = """
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.utilities.parser import BaseModel
import boto3
for service in ('dynamodb', 'sqs', 'stepfunctions'):
    boto3.client(service, region_name='us-east-1', aws_access_key_id='x', aws_secret_access_key='x')
"""
_STARTS = {
    "bare python": "pass",
    "usual (logger, metrics, parser, 3 clients)": _USUAL,
    "detect": "import detect.detectors.cloudwatch",
    "decide": "import decide.handler",
    "act": "import act.actuators.shift_alias",
}


def run() -> dict[str, Any]:
    """Milliseconds of processor time (median), and each stage as a multiple of the usual."""
    costs = {name: _cost(code) for name, code in _STARTS.items()}
    usual = costs["usual (logger, metrics, parser, 3 clients)"]
    figures: dict[str, Any] = {f"{name} ms": round(cost) for name, cost in costs.items()}
    return figures | {f"{name} / usual (goal 0.40)": round(costs[name] / usual, 2) for name in ("detect", "decide")}


def _cost(code: str) -> float:
    path = os.pathsep.join(str(ROOT / folder) for folder in ("functions", "layers/core/python"))
    measured = f"import time\n{code}\nprint(time.process_time() * 1000)"
    environment = {**os.environ, "PYTHONPATH": path}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", measured]
    runs = [
        float(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)  # noqa: S603 - our own code
        for _ in range(_RUNS)
    ]
    return median(runs)
