"""anchor's function: every five minutes it signs where the chains stood, by what was exported since the last time."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from edsr.anchors import ALGORITHM, FOLDER, Anchor, following, heads_of, key_of
from edsr.aws.exported import of_day, records
from edsr.aws.faults import named
from edsr.aws.objects import put_once
from edsr.declare import Function, Permission
from edsr.errors import Malformed
from edsr.model import AuditRecord
from edsr.ports import Client
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Anchoring
from edsr.times import parse

FOLDERS, ANCHORS = re.compile(r"anchors/\d{9}/"), re.compile(r"anchors/\d{9}/\d{12}\.json")
"""What lies there under another name is none of ours."""

SETTLE = timedelta(seconds=60)
"""An object may take so long to be seen after the moment it says that it was written."""

SPAN = timedelta(days=1)
"""What one anchor covers at most: what was left unsigned for long is signed day by day."""

LATE = timedelta(days=15)
"""So late may a record be exported: the stream keeps it for a day, the queue of what failed for fourteen."""


def run(_event: Event, runtime: Runtime[Anchoring]) -> dict[str, Any]:
    """Sign the next anchor, also when nothing happened; who comes second finds it there."""
    s3, bucket = runtime.clients("s3"), runtime.settings.export_bucket
    last = _last(s3, bucket)
    since = parse(last.until) if last else _beginning(s3, bucket, runtime.clock())
    until = min((runtime.clock() - SETTLE).replace(microsecond=0), since + SPAN)
    if until <= since:
        return {"n": last.n if last else 0, "signed": False}
    keys = _written(s3, bucket, since, until)
    heads = heads_of(record for key in keys for record in _records(s3, key, runtime))
    made = _signed(following(last, heads, since, until, runtime.settings.anchor_key), runtime)
    signed = _put(s3, bucket, made)
    runtime.count("Anchors")
    return {"n": made.n, "signed": signed, "objects": len(keys), "heads": made.count, "until": made.until}


def _last(s3: Client, bucket: str) -> Anchor | None:
    """The anchor with the highest number."""
    with named("looking for the last anchor"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=FOLDER, Delimiter="/")
        listed = [one["Prefix"] for page in pages for one in page.get("CommonPrefixes", [])]
        folders = [folder for folder in listed if FOLDERS.fullmatch(folder)]
        if not folders:
            return None
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=max(folders))
        keys = [item["Key"] for page in pages for item in page["Contents"] if ANCHORS.fullmatch(item["Key"])]
        if not keys:
            return None
        key = max(keys)
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return Anchor.model_validate_json(body)
    except ValidationError as exc:
        raise Malformed(f"{key} is no anchor: nothing is signed over it: {exc}") from exc


def _beginning(s3: Client, bucket: str, now: datetime) -> datetime:
    """The first day of the export, or now when nothing was exported yet."""
    with named("looking for the first export"):
        answer = s3.list_objects_v2(Bucket=bucket, Prefix="audit/", Delimiter="/", MaxKeys=1)
    days = [one["Prefix"].removeprefix("audit/dt=").rstrip("/") for one in answer.get("CommonPrefixes", [])]
    return datetime.fromisoformat(days[0]).replace(tzinfo=UTC) if days else now.replace(microsecond=0) - 2 * SETTLE


def _written(s3: Client, bucket: str, since: datetime, until: datetime) -> list[str]:
    """What was written within the span, of whatever day its records are."""
    first = (since - LATE).date()
    days = [first + timedelta(days=number) for number in range((until.date() - first).days + 1)]
    found = [item for day in days for item in of_day(s3, bucket, day)]
    return [item["Key"] for item in found if since <= item["LastModified"] < until]


def _records(s3: Client, key: str, runtime: Runtime[Anchoring]) -> list[AuditRecord]:
    """What an object holds. One that record did not write is tampering: it pages, and the others are signed."""
    try:
        return records(s3, runtime.settings.export_bucket, key)
    except Malformed as exc:
        runtime.log.error("no part of the export", extra={"reason": str(exc)})  # noqa: TRY400 - no trace
        runtime.count("AuditTampered")
        return []


def _signed(made: Anchor, runtime: Runtime[Anchoring]) -> Anchor:
    with named("signing an anchor"):
        answer = runtime.clients("kms").sign(
            KeyId=made.key, Message=made.statement, MessageType="RAW", SigningAlgorithm=ALGORITHM
        )
    return made.model_copy(update={"signature": base64.b64encode(answer["Signature"]).decode()})


def _put(s3: Client, bucket: str, made: Anchor) -> bool:
    """Once: an anchor of this number that is there already stays."""
    with named("keeping an anchor"):
        return put_once(s3, bucket, key_of(made.n), made.model_dump_json().encode(), "application/json")


handler = Handler(
    run,
    Function(
        settings=Anchoring,
        permissions=(
            Permission(actions=("s3:ListBucket",), on="export-listing"),
            Permission(actions=("s3:GetObject",), on="export-records"),
            Permission(actions=("s3:GetObject", "s3:PutObject"), on="export-anchors"),
            Permission(actions=("kms:Sign",), on="anchor-key"),
        ),
        timeout=120,
        memory=512,
    ),
)
