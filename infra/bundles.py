"""Third-party layers, installed from their locks without Docker: for Lambda (arm64), and for this host's sandbox.

`python -m infra.bundles` builds what is missing; only that needs a network.
"""

import hashlib
import platform
import re
import shutil
import subprocess  # nosec B404
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from infra import BUILD, LAYERS
from infra.errors import LayerNotBuilt

THIRD_PARTY = ("deps", "sdk")
DROPPED = (".lock", "bin", "**/__pycache__", "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED")
"""Differ from one installation to the next, or are never used on Lambda."""

COMMON = ("--quiet", "--no-deps", "--require-hashes")


@dataclass(frozen=True)
class Target:
    """Where a layer runs, and how each installer is told."""

    name: str
    identity: str
    uv: tuple[str, ...]
    pip: tuple[str, ...]


ARM64 = Target(
    "arm64",
    "python3.13-manylinux2014-aarch64",
    uv=("--only-binary", ":all:", "--python-platform", "aarch64-manylinux2014", "--python-version", "3.13"),
    pip=(
        *("--no-compile", "--only-binary", ":all:", "--implementation", "cp"),
        *("--platform", "manylinux2014_aarch64", "--python-version", "3.13"),
    ),
)
HOST = Target(
    "host",
    f"python{sys.version_info.major}.{sys.version_info.minor}-{sys.platform}-{platform.machine()}",
    uv=("--only-binary", ":all:"),
    pip=("--no-compile", "--only-binary", ":all:"),
)


def built(name: str, target: Target = ARM64, where: Path = BUILD) -> Path:
    """The folder of a layer that was built; LayerNotBuilt says what to run."""
    folder = _folder(name, target, where)
    if not folder.is_dir():
        missing = folder.relative_to(where.parent)
        raise LayerNotBuilt(f"{missing} is not there: run `python -m infra.bundles` once (it needs the network)")
    return folder


@cache
def asset_hash(name: str, target: Target = ARM64) -> str:
    """What the layer is made of: the packages with their hashes, the target, and what is dropped."""
    recipe = "\n".join([_requirements(name), target.identity, *COMMON, *target.uv, *DROPPED])
    return hashlib.sha256(recipe.encode()).hexdigest()


def host_layers() -> dict[str, Path]:
    """Asset id of each arm64 layer in the cloud assembly -> the same layer for this host, for the sandbox to deploy."""
    return {hashlib.sha256(asset_hash(name).encode()).hexdigest(): built(name, HOST) for name in THIRD_PARTY}


def build(name: str, target: Target) -> Path:
    """Install a layer unless it is there. Safe beside another build: the folder appears whole or not at all."""
    folder = _folder(name, target)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{name}-") as place:
        draft = Path(place) / "layer"
        _install(name, target, draft / "python")
        _trim(draft / "python")
        put_in_place(draft, folder)
    return folder


def put_in_place(draft: Path, folder: Path) -> None:
    """Make a finished folder appear at once; another process may have been faster with the same content."""
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _folder(name: str, target: Target, where: Path = BUILD) -> Path:
    return where / "layers" / f"{name}-{target.name}-{asset_hash(name, target)[:16]}"


def _requirements(name: str) -> str:
    """The layer's lock without comments, and without what the deps layer already has."""
    return "\n".join(
        text for package, text in _locked(name).items() if name == "deps" or package not in _locked("deps")
    )


def _locked(name: str) -> dict[str, str]:
    lock = (LAYERS / name / "requirements.txt").read_text("utf-8")
    lines = "\n".join(line for line in lock.splitlines() if line.strip() and not line.lstrip().startswith("#"))
    return {entry.split("==")[0]: entry for entry in re.split(r"\n(?=\S)", lines)}


def _install(name: str, target: Target, into: Path) -> None:
    """With uv, in a second; where uv cannot reach its index, with pip."""
    lock = into.parent.parent / "requirements.txt"
    lock.write_text(_requirements(name), "utf-8")
    python = Path(sys.executable)
    what = (*COMMON, "--target", str(into), "--requirement", str(lock))
    commands = (
        (str(python.parent / "uv"), "pip", "install", "--python", str(python), *target.uv, *what),
        (str(python), "-m", "pip", "install", *target.pip, *what),
    )
    for command in commands:
        if shutil.which(command[0]) and _ran(command):
            return
        shutil.rmtree(into, ignore_errors=True)
    raise LayerNotBuilt(f"layer {name} for {target.name}: neither uv nor pip could install it, see above")


def _ran(command: tuple[str, ...]) -> bool:
    """The commands are fixed above; nothing in them comes from outside."""
    return subprocess.run(command, check=False).returncode == 0  # noqa: S603 - see above  # nosec B603


def _trim(folder: Path) -> None:
    for pattern in DROPPED:
        for found in sorted(folder.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink()


def main() -> None:
    """Build every layer for Lambda and for this host."""
    try:
        for name in THIRD_PARTY:
            for target in (ARM64, HOST):
                build(name, target)
    except LayerNotBuilt as exc:
        sys.exit(str(exc))


if __name__ == "__main__":
    main()
