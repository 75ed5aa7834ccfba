"""The policies of another git revision, put into a folder of their own."""

import io
import shutil
import subprocess  # git is a program of its own  # nosec B404
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.errors import Unavailable


@contextmanager
def at(revision: str, folder: Path) -> Iterator[Path]:
    """A copy of the folder as it was at a revision, while the context lasts. Unavailable says what is missing."""
    top = _git(folder, "rev-parse", "--show-toplevel", missing=f"{folder} is in no git repository")
    root = Path(top.decode().strip())
    within = str(folder.resolve().relative_to(root.resolve()))
    unknown = f"there is no git revision {revision!r}"
    if revision.startswith("-"):
        raise Unavailable(unknown)
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", missing=unknown).decode().strip()
    packed = _git(root, "archive", "--format=tar", commit, "--", within, missing=f"{revision} has no {within}")
    with tempfile.TemporaryDirectory() as place, tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(place, filter="data")
        yield Path(place) / within


def _git(folder: Path, *command: str, missing: str) -> bytes:
    """What git answers; Unavailable, with what is then missing and git's own words, when it refuses."""
    git = shutil.which("git")
    if git is None:
        raise Unavailable("git is not installed: --against reads another revision's policies with it")
    asked = [git, "-C", str(folder), *command]
    done = subprocess.run(asked, capture_output=True, check=False)  # noqa: S603 - a fixed command  # nosec B603
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unavailable(missing + (f" ({said[0]})" if said else ""))
    return done.stdout
