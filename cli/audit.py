"""The audit, checked: every chain against itself, against what its incident remembers, and against the export."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from cli import anchors, export, say
from cli.account import Account, account
from cli.controls import joints, months
from cli.copied import Checked as Checked
from cli.copied import check_copy, deleted, first_of_each, records_in
from cli.errors import FAULT
from cli.incidents import every
from cli.options import Json, Profile
from cli.query.command import query_audit
from edsr.anchors import FOLDER
from edsr.audit import START, Flaw, Head, readable, verify
from edsr.aws.items import plain
from edsr.model import AuditRecord
from edsr.ports import utc_now
from edsr.protocol.incident import KEPT
from edsr.times import iso

app = typer.Typer(no_args_is_help=True, help="The record of every decision and act.")
app.command("query")(query_audit)
MARGIN = timedelta(days=1)
"""A row near the end of its 400 days may be gone already or not."""


def check(account: Account) -> Checked:
    """Check the whole audit of an account."""
    rows, flaws = _table(account)
    exported, unreadable = records_in(export.objects(account, "audit/"))
    signed, strange = anchors.read(export.objects(account, FOLDER))
    now = utc_now()
    heads = {incident.id: incident.head for incident in every(account)}
    controls = months(account)
    heads |= {chain: month.ends for chain, month in controls.items()}
    oldest = iso(now - KEPT + MARGIN)
    flaws += deleted(export.hidden(account))
    flaws += unreadable + strange + joints(controls, oldest[: len("2026-03")])
    for incident_id in sorted({*rows, *heads, *exported}):
        chain, head = rows.get(incident_id, []), heads.get(incident_id)
        start = controls[incident_id].begins if incident_id in controls else START
        flaws += verify(incident_id, chain, head, start=start) + orphaned(incident_id, chain, head)
        flaws += against_export(incident_id, chain, exported.get(incident_id, []), oldest=oldest)
    found = anchors.check(signed, exported, anchors.genuine_by([anchors.public_key(account)]), now)
    flaws += found.flaws
    records = sum(len(chain) for chain in rows.values())
    copies = {(copy.incident_id, copy.seq) for chain in exported.values() for copy in chain if copy.ts > oldest}
    return Checked(len(rows), records, len(copies), first_of_each(flaws), found.number, found.until)


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
        records, flaws = readable([item])
        chains[item["pk"].removeprefix("INC#")] += records
        unreadable += flaws
    return chains, unreadable


@app.command("export")
def export_audit(
    folder: Annotated[Path, typer.Argument(help="Where to: a folder that is empty or not there yet.")],
    since: Annotated[str, typer.Option("--since", metavar="DAY", help="Leave out what is older.")] = "",
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Copy the exported audit, every version of every object, to be asked and checked without the account."""
    day = _day(since) if since else ""
    made = export.copy(account(profile), folder, utc_now(), day)
    if json:
        say.as_json(asdict(made))
        return
    say.line(f"{say.count(made.objects, 'object')} in {folder}", "good")
    for key in made.hidden:
        say.line(f"{key} was deleted; its versions are there", "bad")
    for key in made.strange:
        say.line(f"{key} is none of ours and was left out", "bad")


def _day(said: str) -> str:
    try:
        return date.fromisoformat(said).isoformat()
    except ValueError as exc:
        raise typer.BadParameter(f"{said!r} is no day, such as 2026-03-01", param_hint="--since") from exc


@app.command("verify")
def verify_audit(
    copied: Annotated[
        Path | None, typer.Option("--from", metavar="FOLDER", help="Check a copy: no account needed.")
    ] = None,
    key: Annotated[
        list[Path] | None, typer.Option("--key", help="The public key of the anchors, from whom you trust.")
    ] = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Check every audit chain against itself, its incident, the export and the signed anchors; name what is wrong.

    A copy (see `edsr audit export`) is checked against itself and the anchors.
    """
    found = check_copy(copied, key or []) if copied else check(account(profile))
    if json:
        said = {name: value for name, value in asdict(found).items() if name != "flaws"} | {"intact": found.intact}
        say.as_json({**said, "flaws": [flaw._asdict() for flaw in found.flaws]})
    else:
        for flaw in found.flaws:
            say.line(str(flaw), "bad")
        word = "intact" if found.intact else "NOT intact"
        since = f" since {found.since}" if found.since else ""
        until = f", {say.count(found.anchors, 'anchor')} until {found.anchored_until}" if found.anchors else ""
        say.line(
            f"{found.chains} chains, {found.records} records, {found.exported} exported{since}{until}: {word}",
            "good" if found.intact else "bad",
        )
    raise typer.Exit(0 if found.intact else FAULT)
