"""The audit, checked: every chain against itself, against what its incident remembers, and against the export."""

import gzip
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from cli.account import Account
from cli.incidents import every, record_of
from edsr.audit import Flaw, Head, verify
from edsr.aws.items import plain
from edsr.model import AuditRecord
from edsr.ports import utc_now
from edsr.protocol.incident import KEPT
from edsr.times import iso

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
    rows, unreadable = _table(account)
    exported = _exported(account)
    heads = {incident.id: incident.head for incident in every(account)}
    flaws = list(unreadable)
    for incident_id in sorted({*rows, *heads, *(owner for owner, _ in exported)}):
        chain = rows.get(incident_id, [])
        head = heads.get(incident_id)
        flaws += verify(incident_id, chain, Head(*head) if head else None)
        if head is None and chain:
            flaws.append(Flaw(incident_id, chain[0].seq, "has records, but there is no such incident: it was removed"))
        flaws += _against_export(incident_id, chain, exported)
    records = sum(len(chain) for chain in rows.values())
    return Checked(len(rows), records, len(exported), tuple(_first_of_each(flaws)))


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


def _exported(account: Account) -> dict[tuple[str, int], AuditRecord]:
    """Every exported record that must still stand in the table; a batch that was sent twice holds the same rows."""
    oldest = iso(utc_now() - KEPT + MARGIN)
    s3, bucket = account.client("s3"), account.export_bucket()
    found: dict[tuple[str, int], AuditRecord] = {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="audit/"):
        for item in page.get("Contents", []):
            body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
            for line in gzip.decompress(body).decode().splitlines():
                record = AuditRecord.model_validate(json.loads(line))
                if record.ts > oldest:
                    found[record.incident_id, record.seq] = record
    return found


def _against_export(
    incident_id: str, chain: list[AuditRecord], exported: dict[tuple[str, int], AuditRecord]
) -> list[Flaw]:
    """What was exported must still stand in the table, word for word; what is newer than the export may be missing."""
    rows = {record.seq: record for record in chain}
    flaws = []
    for (owner, seq), copy in sorted(exported.items()):
        if owner == incident_id and seq not in rows:
            flaws.append(Flaw(incident_id, seq, f"{copy.kind} was removed: the export has it"))
        elif owner == incident_id and rows[seq] != copy:
            flaws.append(Flaw(incident_id, seq, f"{copy.kind} was changed: the export says otherwise"))
    return flaws


def _first_of_each(flaws: list[Flaw]) -> list[Flaw]:
    """One line for each record: the same change shows in several ways."""
    return list({(flaw.incident_id, flaw.seq): flaw for flaw in reversed(flaws)}.values())[::-1]
