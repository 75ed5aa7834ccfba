"""`python -m tests.soak`: the suite under fire in a sandbox of its own; fails on any broken promise."""

import argparse
import shutil
import signal
import sys

from cli import say
from edsr.errors import EdsrError
from tests.estate import ROOT
from tests.soak.report import progress, tell, write
from tests.soak.run import Asked, Soak, prepared

HOME, REPORT = ROOT / "build" / "soak", ROOT / "build" / "soak.json"


def asked() -> Asked:
    """What the command line asks for."""
    said = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    for name, default in Asked()._asdict().items():
        said.add_argument(f"--{name}", type=type(default), default=default)
    return Asked(**vars(said.parse_args()))


def cancelled(number: int, _frame: object) -> None:
    """Ctrl-C, a cancelled job and a closed terminal end it alike: nothing keeps running."""
    sys.exit(128 + number)


def main() -> int:
    """The command; it fails when a promise was broken."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, cancelled)
    wanted = asked()
    shutil.rmtree(HOME / "cdk.out", ignore_errors=True)
    shutil.rmtree(HOME / "policies", ignore_errors=True)
    (HOME / "witness.jsonl").unlink(missing_ok=True)
    try:
        result = Soak(wanted, prepared(HOME), progress).run(say.line)
    except EdsrError as exc:
        say.problem(str(exc))
        return 1
    write(result, REPORT)
    tell(result)
    say.line(f"{REPORT}")
    return 1 if result.violations else 0


if __name__ == "__main__":
    sys.exit(main())
