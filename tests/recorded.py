"""What every source makes of the recorded events beside the repository, as a table: `make sources` prints it."""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cli.sources import Count, counted
from edsr.errors import Malformed
from forward.handler import SOURCE
from forward.lines import lines
from forward.notes import notes
from infra.catalogue import discover
from tests import estate

SHARED = estate.ROOT.parent / "shared" / "data"
ELSEWHERE = frozenset({"cloudtrail", "security"})
"""Sources whose recorded events have tests of their own."""


@cache
def events() -> tuple[Any, ...]:
    """Every recorded event, as the bus delivers it: what comes over none is put on one as the forwarder does."""
    return tuple(_events())


def _events() -> Iterator[Any]:
    for file in sorted((SHARED / "events").rglob("*.json")):
        yield json.loads(file.read_text(encoding="utf-8"))
    with gzip.open(SHARED / "cloudtrail" / "enveloped_sample.jsonl.gz", "rt") as rows:
        yield from (json.loads(row)["event"] for row in rows)
    for file in sorted((SHARED / "events_other").rglob("*.json")):
        yield from _told(file.parent.name, json.loads(file.read_text(encoding="utf-8")))


def _told(folder: str, told: Any) -> Iterator[Any]:
    about = {"id": "1", "account": "123456789012", "region": "us-east-1", "time": "2026-03-02T03:04:05Z"}
    match folder:
        case "kubernetes":
            for item in told["items"]:
                cluster = "arn:aws:eks:us-east-1:123456789012:cluster/shop"
                yield about | _event("Kubernetes Event", {"cluster": cluster, "event": item}, "com.example.events")
        case "lambda_destination":
            yield about | _event("Lambda Function Invocation Result - Failure", told, "lambda")
        case "budgets_sns":
            account = next(iter(re.findall(r"\d{12}", told["message"])), about["account"])
            detail = {"Subject": told["subject"], "Message": told["message"]}
            yield about | {"account": account} | _event("AWS Budgets Notification", detail)
        case "ocsf_raw":
            group = "/aws/eks/shop/cluster" if "auditID" in told else "aws-waf-logs-shop"
            line = {"owner": about["account"], "logGroup": group, "id": "1", "timestamp": 1772420645123, "value": told}
            yield about | _event("CloudWatch Logs Event", line | {"subscriptionFilters": ["all"], "message": "{}"})
        case _:
            yield from (about | _event(kind, detail) for kind, detail in _forwarded(told))


def _forwarded(told: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in told.get("Records") or [told]:
        try:
            yield from lines(part) if "awslogs" in part else notes(part)
        except (Malformed, ValueError):
            continue


def _event(kind: str, detail: Any, source: str = SOURCE) -> dict[str, Any]:
    return {"source": source, "detail-type": kind, "resources": [], "detail": detail}


def table() -> dict[str, Count]:
    """What each source makes of all that was recorded."""
    return {source: counted(source, events()) for source in sorted(set(discover().detectors) - ELSEWHERE)}


def main() -> None:
    """Print the table."""
    lines = [*printed()] if Path(SHARED).is_dir() else ["There are no recorded events beside the repository"]
    sys.stdout.write("\n".join([*lines, ""]))


def printed() -> Iterator[str]:
    """The table, line by line."""
    for source, count in table().items():
        numbers = ", ".join(f"{number} {what}" for what, number in zip(WHAT, count.row[:4], strict=True))
        yield f"{source}: {numbers}"
        yield from (f"  {number:>6} {reason}" for reason, number in count.ignored.most_common())


WHAT = ("events", "findings", "ignored", "malformed")

if __name__ == "__main__":
    main()
