"""The library that tests decide by: the shipped documents, the generated catalogue, and what a test adds."""

import json
import shutil
from pathlib import Path
from typing import Any

from edsr.policy import Library
from infra.catalogue import catalogue
from tests.estate import ACCOUNT, REGION, ROOT

SHIPPED = ROOT / "policies"
VALUES = {"account": ACCOUNT, "region": REGION}
EVERYBODY = [f"arn:aws:iam::{ACCOUNT}:user/ops/*", "arn:aws:iam::000000000000:user/sandbox/*"]
PEOPLE = {"approvers": [*EVERYBODY, "oidc:*@example.com"], "operators": EVERYBODY}
"""Who may answer and switch everywhere in a test: its own people, and those of the sandbox."""


def arn(name: str) -> str:
    """How AWS calls one of them."""
    return f"arn:aws:iam::{ACCOUNT}:user/ops/{name}"


def library(folder: Path, *, mode: str = "automatic", **changes: Any) -> Library:
    """The shipped documents in a folder of the test's own, the rollback policy in this mode with these changes."""
    if not (folder / "catalogue.json").exists():
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
        (folder / "catalogue.json").write_text(catalogue().model_dump_json())
        (folder / "environment").mkdir(exist_ok=True)
        write(folder / "environment" / "people.json", PEOPLE)
    policy = read(folder / "lambda-canary-rollback.json")
    policy["respond"]["mode"] = mode
    policy["verify"]["every"] = "PT1S"
    write(folder / "lambda-canary-rollback.json", policy | changes)
    return Library.at(folder, VALUES)


def folder_of(library: Library) -> Path:
    """The folder that a test's library reads."""
    return Path(str(library._root))


def read(file: Path) -> dict[str, Any]:
    """A document."""
    said: dict[str, Any] = json.loads(file.read_text())
    return said


def write(file: Path, said: dict[str, Any]) -> None:
    """Write a document."""
    file.write_text(json.dumps(said))
