"""The audit, checked: every chain against itself, against what its incident remembers, and against the export."""

import gzip
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from cli import export, say
from cli.account import Account, account
from cli.controls import joints, months
from cli.errors import FAULT
from cli.incidents import every, record_of
from cli.options import Json, Profile
from cli.query.command import query_audit
from edsr.audit import START, Flaw, Head, verify
from edsr.aws.items import plain
from edsr.model import AuditRecord
from edsr.ports import utc_now
from edsr.protocol.incident import KEPT
from edsr.times import iso

app = typer.Typer(no_args_is_help=True, help="The record of every decision and act.")
app.command("query")(query_audit)
MARGIN = timedelta(days=1)
"""A row near the end of its 400 days may be gone already or not."""


@dataclass(frozen=True)
class Checked:
    """How many chains and records were read, how many of them are exported, and what is wrong."""

    chains: int
    records: int
    exported: int
    flaws: tuple[Flaw, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws


def check(account: Account) -> Checked:
    """Check the whole audit of an account."""
    rows, flaws = _table(account)
    exported, unreadable = _exported(account)
    heads = {incident.id: incident.head for incident in every(account)}
    controls = months(account)
    heads |= {chain: month.ends for chain, month in controls.items()}
    oldest = iso(utc_now() - KEPT + MARGIN)
    flaws += unreadable + joints(controls, oldest[: len("2026-03")])
    for incident_id in sorted({*rows, *heads, *exported}):
        chain, head = rows.get(incident_id, []), heads.get(incident_id)
        start = controls[incident_id].begins if incident_id in controls else START
        flaws += verify(incident_id, chain, head, start=start) + orphaned(incident_id, chain, head)
        flaws += against_export(incident_id, chain, exported.get(incident_id, []), oldest=oldest)
    records = sum(len(chain) for chain in rows.values())
    copies = {(copy.incident_id, copy.seq) for found in exported.values() for copy in found if copy.ts > oldest}
    return Checked(len(rows), records, len(copies), tuple(_first_of_each(flaws)))


def orphaned(incident_id: str, chain: Sequence[AuditRecord], head: Head | None) -> list[Flaw]:
    """A chain must have an incident, which is in another table, to say where it ends."""
    if head is not None or not chain:
        return []
    first = min(record.seq for record in chain)
    return [Flaw(incident_id, first, "has records, but there is no such incident: it was removed")]


def against_export(
    incident_id: str, chain: Sequence[AuditRecord], copies: Sequence[AuditRecord], *, oldest: str = ""
) -> list[Flaw]:
    """What was exported must still stand in the table, word for word, unless it is from before `oldest`.

    What is newer than the export may be missing from it; what is between its copies may not. Of one record there may
    be several copies: a batch that was sent twice holds the same rows, and no other row can be put over them.
    """
    rows = {record.seq: record for record in chain}
    known = {copy.seq for copy in copies}
    latest = max(known, default=0)
    flaws = [
        Flaw(incident_id, seq, f"{row.kind} was removed from the export, which has later ones")
        for seq, row in rows.items()
        if seq not in known and seq < latest
    ]
    for copy in copies:
        if copy.seq in rows and rows[copy.seq] != copy:
            flaws.append(Flaw(incident_id, copy.seq, f"{copy.kind} was changed: the export says otherwise"))
        elif copy.seq not in rows and copy.ts > oldest:
            flaws.append(Flaw(incident_id, copy.seq, f"{copy.kind} was removed: the export has it"))
    return sorted(flaws, key=lambda flaw: flaw.seq)


def _table(account: Account) -> tuple[dict[str, list[AuditRecord]], list[Flaw]]:
    chains: dict[str, list[AuditRecord]] = defaultdict(list)
    unreadable: list[Flaw] = []
    for item in map(plain, account.scan("edsr-audit")):
        incident_id = item["pk"].removeprefix("INC#")
        try:
            chains[incident_id].append(record_of(item))
        except ValidationError as exc:
            first = exc.errors()[0]
            where = ".".join(map(str, first["loc"]))
            unreadable.append(Flaw(incident_id, item["seq"], f"was changed: {where}: {first['msg']}"))
    return chains, unreadable


def _exported(account: Account) -> tuple[dict[str, list[AuditRecord]], list[Flaw]]:
    """Every copy of every record, by incident, and which objects hold something else.

    An object that was written over, or deleted, keeps its older versions: they are read too.
    """
    s3, bucket = account.client("s3"), account.export_bucket()
    copies: dict[str, list[AuditRecord]] = defaultdict(list)
    unreadable: list[Flaw] = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="audit/"):
        for item in page.get("Versions", []):
            key, version = item["Key"], item["VersionId"]
            body = s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read()
            try:
                records = [AuditRecord.model_validate_json(line) for line in gzip.decompress(body).splitlines()]
            except (OSError, EOFError, zlib.error, ValidationError) as exc:
                unreadable.append(Flaw(key, 0, f"version {version} of the export cannot be read: {exc}"))
                continue
            for record in records:
                copies[record.incident_id].append(record)
    return copies, unreadable


def _first_of_each(flaws: list[Flaw]) -> list[Flaw]:
    """One line for each record: the same change shows in several ways."""
    return list({(flaw.incident_id, flaw.seq): flaw for flaw in reversed(flaws)}.values())[::-1]


@app.command("export")
def export_audit(
    folder: Annotated[Path, typer.Argument(help="Where to: a folder that is empty or not there yet.")],
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="Leave out what is older.")] = "",
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Copy the exported audit, every version of every object, to be asked and checked without the account."""
    made = export.copy(account(profile), folder, utc_now(), since)
    if json:
        say.as_json(asdict(made))
        return
    say.line(f"{say.count(made.objects, 'object')} in {folder}", "good")
    for key in made.hidden:
        say.line(f"{key} was deleted; its versions are there", "bad")
    for key in made.strange:
        say.line(f"{key} is none of ours and was left out", "bad")


@app.command("verify")
def verify_audit(profile: Profile = None, json: Json = False) -> None:
    """Check every audit chain against itself, its incident and the export; name what is wrong."""
    found = check(account(profile))
    if json:
        said = {"chains": found.chains, "records": found.records, "exported": found.exported, "intact": found.intact}
        say.as_json({**said, "flaws": [flaw._asdict() for flaw in found.flaws]})
    else:
        for flaw in found.flaws:
            say.line(str(flaw), "bad")
        word = "intact" if found.intact else "NOT intact"
        say.line(
            f"{found.chains} chains, {found.records} records, {found.exported} exported: {word}",
            "good" if found.intact else "bad",
        )
    raise typer.Exit(0 if found.intact else FAULT)
