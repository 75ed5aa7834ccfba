"""The policies' layer: what operators wrote, as this environment deploys it, with the generated catalogue."""

import hashlib
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from pydantic import BaseModel

from edsr.errors import DocumentInvalid
from edsr.policy import Library, Policy
from edsr.policy.library import BUNDLE
from infra import BUILD
from infra.bundles import put_in_place
from infra.catalogue import catalogue
from infra.config import Configuration
from infra.errors import DocumentsInvalid
from infra.lint import errors, lint

UNDEPLOYED = {"schema_", "tests"}
"""Written for editors and for the test suite."""


def deployed(source: Path, config: Configuration) -> list[Policy]:
    """Every policy, in this environment's mode. Raises DocumentsInvalid when anything in the folder does not lint."""
    if wrong := errors(lint(source, modes=config.modes)):
        raise DocumentsInvalid("\n".join(map(str, wrong)))
    policies = Library.at(source, config.values).policies()
    _check(source, config, policies)
    return [
        policy.model_copy(update={"respond": policy.respond.model_copy(update={"mode": config.modes[policy.id]})})
        if policy.id in config.modes
        else policy
        for policy in policies
    ]


def compile_layer(source: Path, config: Configuration) -> Path:
    """Write the layer of the documents in `source` below build/, in a folder named by its content."""
    files = dict(sorted(_files(source, config).items()))
    content = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()[:16]
    folder = BUILD / f"policies-{config.environment}" / content
    if not folder.is_dir():
        _write(folder, files)
    return folder


def _files(source: Path, config: Configuration) -> dict[str, str]:
    library = Library.at(source, config.values)
    return {
        "__init__.py": "",
        "catalogue.json": _text(catalogue().model_dump(mode="json")),
        **_documents("", deployed(source, config)),
        **_documents("playbooks/", library.playbooks()),
        **_documents("objectives/", library.objectives()),
        **_documents("services/", library.services()),
        **_documents("calendars/", library.calendars()),
        "environment/people.json": Template(
            _text(config.people.model_dump(mode="json", by_alias=True))
        ).safe_substitute(config.values),
    }


def _documents(folder: str, documents: Iterable[BaseModel]) -> dict[str, str]:
    """One file by document, saying what its author said; defaults are filled by who reads it."""
    return {
        f"{folder}{document.id}.json": _text(  # type: ignore[attr-defined] # every document has an id
            document.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude=UNDEPLOYED)
        )
        for document in documents
    }


def _text(said: Any) -> str:
    return json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        draft = Path(place) / "layer"
        for name, text in files.items():
            file = draft / "python" / BUNDLE / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        put_in_place(draft, folder)


def _check(source: Path, config: Configuration, policies: list[Policy]) -> None:
    if unknown := sorted(set(config.modes) - {policy.id for policy in policies}):
        raise DocumentInvalid(f"{config.environment}.json", "$.modes", f"{source} has no policy {', '.join(unknown)}")
