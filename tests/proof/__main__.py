"""`python -m tests.proof`: what every function asks of AWS against its synthesized role, printed and in build/."""

import io
import logging
import sys
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.proof.denials import Denials
from tests.proof.explored import explored
from tests.proof.report import FILE, report, tables, write
from tests.proof.shown import shown
from tests.proof.stage import staged, synthesized


def main() -> int:
    """The command; it fails when something is denied, unused or unmapped."""
    logging.disable()
    metrics = io.StringIO()  # handlers print theirs, here as on AWS
    with redirect_stdout(metrics), TemporaryDirectory() as name, staged(Path(name)) as stage:
        account = synthesized(Path(name) / "account")
        said = report(shown(account, [*stage.flows(), *explored()]), Denials(stage).every)
    write(said)
    for line in [*tables(said), f"{FILE}"]:
        print(line)  # noqa: T201 - a command's answer
    return 1 if said["denied"] or said["unused"] or said["unmapped"] else 0


if __name__ == "__main__":
    sys.exit(main())
