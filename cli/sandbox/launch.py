"""Run the engine with its seams in place: this file is the engine's process, under the engine's own interpreter."""

import importlib
import os
from pathlib import Path

from ministack.app import main

SEAMS = Path(__file__).parent / "seams"


def chosen(wanted: str) -> list[str]:
    """The seams to install: all of them, none, or those named with commas between."""
    every = sorted(path.stem for path in SEAMS.glob("[a-z]*.py"))
    if wanted in ("all", "none"):
        return every if wanted == "all" else []
    return sorted(set(wanted.split(",")))


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # for the workers: their folders are thrown away, the engine's are not
    for name in chosen(os.environ.pop("EDSR_SANDBOX_SEAMS", "all")):
        importlib.import_module(f"seams.{name}").install()
    if said := os.environ.pop("EDSR_SANDBOX_WITNESS", None):
        importlib.import_module("witness").install(Path(said))
    if address := os.environ.pop("EDSR_SANDBOX_OUTLET", None):
        importlib.import_module("outlet").install(address)
    main()
