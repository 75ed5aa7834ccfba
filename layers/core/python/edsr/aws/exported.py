"""The exported audit as its objects: which there are of a day, and what is in one."""

import gzip
import zlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import ValidationError

from edsr.aws.faults import named
from edsr.errors import Malformed
from edsr.model import AuditRecord
from edsr.ports import Client


def of_day(s3: Client, bucket: str, day: date) -> list[dict[str, Any]]:
    """The objects of a day's records, each with `Key` and `LastModified`, as S3 lists them. Raises Transient."""
    with named("looking for what was exported"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"audit/dt={day}/")
        return [item for page in pages for item in page.get("Contents", [])]


def records(s3: Client, bucket: str, key: str) -> list[AuditRecord]:
    """What an object holds. Raises Malformed for one that record did not write, Transient."""
    with named("reading the export"):
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return [AuditRecord.model_validate_json(line) for line in gzip.decompress(body).splitlines()]
    except (OSError, EOFError, zlib.error, ValidationError) as exc:
        raise Malformed(f"{key} is no part of the export: {exc}") from exc


def lines(said: Iterable[AuditRecord]) -> bytes:
    """An object's body: gzip JSON lines, the same bytes for the same records."""
    return gzip.compress("".join(one.model_dump_json() + "\n" for one in said).encode(), mtime=0)
