"""compare: a row of the audit that is not in the export after some hours is counted, until all is there."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from moto import mock_aws

import record.compare
from edsr.aws.exported import lines
from edsr.aws.items import typed
from edsr.model import AuditRecord
from edsr.policy import Library
from edsr.protocol import keys
from edsr.settings import Comparing
from tests import estate
from tests.lake import an_incident
from tests.things import AT

BUCKET = "edsr-export"
CHAIN = an_incident("checkout").acted().closed().records


@pytest.fixture(autouse=True)
def stores(credentials: None) -> Iterator[None]:  # noqa: ARG001 - moto needs some
    """The audit's table with a chain in it, and an export without anything."""
    with mock_aws():
        estate.make_tables()
        estate.client("s3").create_bucket(Bucket=BUCKET)
        for one in CHAIN:
            item = {"pk": keys.chain(one.incident_id), **one.model_dump(mode="json")}
            estate.client("dynamodb").put_item(TableName="edsr-audit", Item=typed(item))
        yield


def exported(*records: AuditRecord, name: str = "1-1") -> None:
    body = lines(records)
    estate.client("s3").put_object(Bucket=BUCKET, Key=f"audit/dt=2026-03-02/{name}.jsonl.gz", Body=body)


def looked(library: Library, hours: float = 7) -> dict[str, Any]:
    given = Comparing(audit_table="edsr-audit", export_bucket=BUCKET)
    clock = estate.Clock(AT + timedelta(hours=hours))
    answer: dict[str, Any] = estate.call(record.compare.handler, {}, given, library, clock)
    return answer


def test_what_is_all_there_is_said_to_be(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    exported(*CHAIN[:2])
    exported(*CHAIN[1:], name="2-9")
    assert looked(library) == {"rows": len(CHAIN), "missing": 0}
    said = capsys.readouterr().out
    assert '"AuditNotExported":[0.0]' in said
    assert '"ExportsCompared":[1.0]' in said


def test_what_is_missing_is_counted_and_named(library: Library, capsys: pytest.CaptureFixture[str]) -> None:
    exported(*CHAIN[:2], *CHAIN[3:])
    assert looked(library)["missing"] == 1
    assert '"AuditNotExported":[1.0]' in capsys.readouterr().out


def test_a_row_that_the_export_says_otherwise_is_missing(library: Library) -> None:
    exported(CHAIN[0].model_copy(update={"hash": "0" * 64}), *CHAIN[1:])
    assert looked(library)["missing"] == 1


def test_what_cannot_be_read_holds_nothing(library: Library) -> None:
    estate.client("s3").put_object(Bucket=BUCKET, Key="audit/dt=2026-03-02/1-1.jsonl.gz", Body=b"x")
    assert looked(library)["missing"] == len(CHAIN)


def test_what_is_young_has_time_and_what_is_old_was_looked_at_before(library: Library) -> None:
    assert looked(library, hours=5) == {"rows": 0, "missing": 0}
    assert looked(library, hours=24 * 4) == {"rows": 0, "missing": 0}
    assert looked(library, hours=18)["missing"] == len(CHAIN), "within a day"
