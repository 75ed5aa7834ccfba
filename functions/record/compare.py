"""compare's function: every row of the audit has to be in the export; what is not there after hours is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from edsr.aws.exported import of_day, records
from edsr.aws.faults import named
from edsr.aws.items import plain, typed
from edsr.declare import Function, Permission
from edsr.errors import Malformed
from edsr.serve import Event, Handler, Runtime
from edsr.settings import Comparing
from edsr.times import iso

YOUNG = timedelta(hours=6)
"""What is younger may be on its way: the stream, its retries."""

BACK = timedelta(days=3)
"""How far a look goes back; one comes every six hours, so that each row is looked at several times."""

SHOWN = 10

Row = tuple[str, int, str]


def run(_event: Event, runtime: Runtime[Comparing]) -> dict[str, int]:
    """Compare the rows of three days, but for the last six hours, with the export; count what is not there."""
    until = runtime.clock() - YOUNG
    since = until - BACK
    kept = set(_exported(since, until, runtime))
    rows = set(_rows(since, until, runtime))
    missing = sorted(rows - kept)
    for chain, seq, _ in missing[:SHOWN]:
        runtime.log.error("not exported", extra={"chain": chain, "seq": seq})
    runtime.count("AuditNotExported", len(missing))
    runtime.count("ExportsCompared")
    return {"rows": len(rows), "missing": len(missing)}


def _rows(since: datetime, until: datetime, runtime: Runtime[Comparing]) -> Iterator[Row]:
    """The rows of the table that were written within the span."""
    pages = (
        runtime.clients("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=runtime.settings.audit_table,
            FilterExpression="#ts BETWEEN :since AND :until",
            ProjectionExpression="#incident_id, #seq, #hash",
            ExpressionAttributeNames={f"#{name}": name for name in ("ts", "incident_id", "seq", "hash")},
            ExpressionAttributeValues=typed({":since": iso(since), ":until": iso(until)}),
        )
    )
    with named("reading the audit"):
        for page in pages:
            for item in map(plain, page["Items"]):
                yield item["incident_id"], item["seq"], item["hash"]


def _exported(since: datetime, until: datetime, runtime: Runtime[Comparing]) -> Iterator[Row]:
    """What the export has of these days. An object that cannot be read has nothing: its rows are missed."""
    s3, bucket = runtime.clients("s3"), runtime.settings.export_bucket
    for number in range((until.date() - since.date()).days + 1):
        for item in of_day(s3, bucket, since.date() + timedelta(days=number)):
            try:
                found: list[Any] = records(s3, bucket, item["Key"])
            except Malformed as exc:
                runtime.log.warning("no part of the export", extra={"reason": str(exc)})
                continue
            yield from ((one.incident_id, one.seq, one.hash) for one in found)


handler = Handler(
    run,
    Function(
        settings=Comparing,
        permissions=(
            Permission(actions=("dynamodb:Scan",), on="audit-table"),
            Permission(actions=("s3:ListBucket",), on="export-listing"),
            Permission(actions=("s3:GetObject",), on="export-records"),
        ),
        timeout=300,
        memory=1024,
    ),
)
