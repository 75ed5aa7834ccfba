"""Of every automation that failed a postmortem is begun by itself, once, and whoever is told of it is told where."""

import json
from typing import Any

import pytest

import record.handler
from edsr import settings
from edsr.aws.items import plain
from edsr.postmortem.telling import draft_key
from tests import estate
from tests.aws.conftest import Workshop, a_result
from tests.aws.services import refusal

RECORD = settings.Record(**estate.TABLES.model_dump(), export_bucket="bucket", bus="edsr")


class Kept:
    """S3 and the bus, who remember."""

    def __init__(self) -> None:
        self.exceptions = type("Exceptions", (), {"ClientError": type(refusal("x"))})
        self.objects: dict[str, str] = {}
        self.told: list[dict[str, Any]] = []

    def put_object(self, **said: Any) -> None:
        """Keep a text, once."""
        if said["IfNoneMatch"] != "*" or said["Key"] in self.objects:
            raise refusal("PreconditionFailed", 412)
        markdown = said["ContentType"].startswith("text/markdown")
        self.objects[said["Key"]] = said["Body"].decode() if markdown else ""

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        """Take them; that the draft a page names is there by then is what counts."""
        for entry in Entries:
            said = json.loads(entry["Detail"])["data"]
            assert said.get("postmortem", "").removeprefix("s3://bucket/") in (*self.objects, "")
            self.told.append(said)
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}


@pytest.fixture
def kept(workshop: Workshop) -> Kept:
    """Where drafts go."""
    kept = Kept()
    workshop.others |= {"s3": kept, "events": kept}
    return kept


def recorded(shop: Workshop) -> Any:
    items = estate.client("dynamodb").scan(TableName="edsr-audit", ConsistentRead=True)["Items"]
    ordered = sorted(items, key=lambda item: int(plain(item)["seq"]))
    stream = [{"SequenceNumber": f"{n:05d}", "NewImage": item} for n, item in enumerate(ordered)]
    changes = [{"eventName": "INSERT", "dynamodb": one} for one in stream]
    return shop.call(record.handler.handler, RECORD, Records=changes)


def drafts(kept: Kept) -> list[str]:
    return [key for key in kept.objects if key.startswith("postmortems/")]


def test_what_did_not_help_is_drafted_before_it_is_told(workshop: Workshop, kept: Kept) -> None:
    workshop.act()
    workshop.end("ESCALATED", [a_result(judged="unknown")])
    assert recorded(workshop) == {"batchItemFailures": []}
    key = draft_key(workshop.incident_id, kept.told[-1]["seq"])
    assert drafts(kept) == [key]
    assert "It did not help" in kept.objects[key]
    assert kept.told[-1]["postmortem"] == f"s3://bucket/{key}"


def test_a_repeated_batch_changes_nothing(workshop: Workshop, kept: Kept) -> None:
    workshop.act()
    workshop.end("ESCALATED", [a_result(judged="worse")])
    first = (recorded(workshop), dict(kept.objects))
    assert (recorded(workshop), dict(kept.objects)) == first


def test_what_helped_needs_none(workshop: Workshop, kept: Kept) -> None:
    workshop.act()
    workshop.end("RESOLVED", [a_result(judged="better")])
    recorded(workshop)
    assert drafts(kept) == []
    assert "postmortem" not in kept.told[-1]
