"""The suite in the sandbox: synthesize as for AWS, deploy the same templates, remember what differs."""

import os
from collections.abc import Callable
from pathlib import Path

from cli import BUILD, ROOT
from cli.sandbox import Difference, Sandbox

PORT = 4566
ENVIRONMENT, ACCOUNT, REGION = "dev", "000000000000", "us-east-1"


def sandbox(port: int = PORT, *, iam: bool = False) -> Sandbox:
    """The sandbox of this repository, or of the folder that EDSR_HOME names."""
    return Sandbox(Path(os.environ.get("EDSR_HOME", ROOT)), port, iam=iam)


def up(port: int, progress: Callable[[str], None], *, iam: bool = False) -> list[Difference]:
    """Synthesize, start the engine, deploy, read back; gives what differs from what the templates ask for."""
    from cli.stand_in import sign_in
    from infra.app import build
    from infra.bundles import host_layers

    here = sandbox(port, iam=iam)
    here.check()
    progress("synthesizing the stacks")
    given = {"sign-in": sign_in()}
    assembly = build(BUILD / "cdk.out", ENVIRONMENT, ACCOUNT, REGION, given=given)
    return here.up(assembly, host_layers(), progress)
