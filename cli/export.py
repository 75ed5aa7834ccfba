"""The export on this machine: every version of every object of the audit, its anchors, and the key that signed them."""

import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from cli.account import Account
from cli.anchors import public_key
from cli.errors import Unavailable
from edsr.times import iso, parse

MANIFEST = "manifest.json"
PUBLIC_KEY = "public-key.pem"
LINES = re.compile(r"audit/dt=(\d{4}-\d{2}-\d{2})/[\w-]+\.jsonl\.gz")
ANCHORS = re.compile(r"anchors/\d{9}/\d{12}\.json")
AT_ONCE = 16


class Version(NamedTuple):
    """One version of one object; `number` counts from 1, the oldest."""

    key: str
    id: str
    number: int

    @property
    def file(self) -> str:
        """Where it is kept: the first under the object's own name, whatever was written over it beside that."""
        return self.key if self.number == 1 else f"{self.key}.version-{self.number}"


@dataclass(frozen=True)
class Manifest:
    """What was copied and when; `hidden` were deleted, though their versions are there still; `strange` are objects
    whose names are none of ours, which are not copied. `since` is the first day that was asked for, or empty."""

    taken_at: str
    bucket: str
    since: str
    objects: int
    hidden: tuple[str, ...]
    strange: tuple[str, ...]


def copy(account: Account, folder: Path, at: datetime, since: str = "") -> Manifest:
    """Copy the export into a folder that is empty or not there yet; Unavailable says why not."""
    if folder.exists() and any(folder.iterdir()):
        raise Unavailable(f"{folder} is not empty: name a folder that is, so that nothing is mixed up")
    s3, bucket = account.client("s3"), account.export_bucket()
    versions, hidden, strange = _listed(s3.get_paginator("list_object_versions").paginate(Bucket=bucket), since)

    def fetch(version: Version) -> None:
        body = s3.get_object(Bucket=bucket, Key=version.key, VersionId=version.id)["Body"].read()
        file = folder / version.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)

    with ThreadPoolExecutor(AT_ONCE) as workers:
        list(workers.map(fetch, versions))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PUBLIC_KEY).write_bytes(public_key(account))
    made = Manifest(iso(at), bucket, since, len(versions), tuple(sorted(hidden)), tuple(sorted(strange)))
    (folder / MANIFEST).write_text(json.dumps(asdict(made), indent=2) + "\n", encoding="utf-8")
    return made


def manifest(folder: Path) -> Manifest:
    """What a folder is a copy of; Unavailable when it is none."""
    try:
        said = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        parse(said["taken_at"])
        if said["since"]:
            date.fromisoformat(said["since"])
        return Manifest(**{**said, "hidden": tuple(said["hidden"]), "strange": tuple(said["strange"])})
    except (OSError, ValueError, TypeError, KeyError) as exc:
        raise Unavailable(f"{folder} holds no export: `edsr audit export` writes one ({exc})") from exc


def files(folder: Path, pattern: re.Pattern[str], *, versions: bool = False) -> Iterator[Path]:
    """The copied files of one sort, in order; with `versions` also what was written over them."""
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        bare = re.sub(r"\.version-\d+$", "", name) if versions else name
        if file.is_file() and pattern.fullmatch(bare):
            yield file


def bodies(folder: Path, pattern: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    """Every version of every copied file of one sort: its name, and what is in it."""
    for file in files(folder, pattern, versions=True):
        yield file.relative_to(folder).as_posix(), file.read_bytes()


def objects(account: Account, prefix: str) -> Iterator[tuple[str, bytes]]:
    """The same of an account. An object that was written over, or deleted, keeps its older versions."""
    s3, bucket = account.client("s3"), account.export_bucket()
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Versions", []):
            key, version = item["Key"], item["VersionId"]
            body = s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()
            yield f"{key} version {version}", body


def hidden(account: Account) -> list[str]:
    """The objects of an account's export that were deleted, though their versions are there still."""
    pages = account.client("s3").get_paginator("list_object_versions").paginate(Bucket=account.export_bucket())
    return sorted(_listed(pages, "")[1])


def _listed(pages: Iterable[dict[str, list[dict[str, str]]]], since: str) -> tuple[list[Version], set[str], set[str]]:
    """Every version that is to be copied, oldest first (S3 names the latest first), and what is hidden and strange."""
    found: dict[str, list[str]] = {}
    hidden: set[str] = set()
    for page in pages:
        hidden |= {item["Key"] for item in page.get("DeleteMarkers", [])}
        for item in page.get("Versions", []):
            found.setdefault(item["Key"], []).append(item["VersionId"])
    known = {key for key in found if LINES.fullmatch(key) or ANCHORS.fullmatch(key)}
    wanted = {key for key in known if not (day := LINES.fullmatch(key)) or day[1] >= since}
    versions = [
        Version(key, version, number)
        for key in sorted(wanted)
        for number, version in enumerate(reversed(found[key]), 1)
    ]
    return versions, hidden, set(found) - known
