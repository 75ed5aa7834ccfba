"""record: the stream becomes an export, announcements and metrics; again and again gives the same."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import record.handler
from edsr import audit, settings
from edsr.audit import Head
from edsr.aws.items import typed
from edsr.model import AuditRecord, Kind
from edsr.policy import Library
from edsr.ports import Client
from edsr.serve import Runtime
from tests.aws.services import refusal
from tests.estate import TABLES
from tests.things import AT

INCIDENT = "i-1"


class Outside:
    """An S3 and a bus that remember, and can be told to refuse."""

    class exceptions:  # noqa: N801 - botocore's name
        """As botocore has it."""

        ClientError = type(refusal("x"))

    def __init__(self) -> None:
        self.objects: dict[str, list[dict[str, Any]]] = {}
        self.announced: list[dict[str, Any]] = []
        self.calls: list[int] = []
        self.refuses: list[set[int]] = []
        self.down: str | None = None

    def __call__(self, service: str, *, mutating: bool = False) -> Client:
        """Both in one."""
        assert service in ("s3", "events")
        assert not mutating
        return self

    def put_object(self, **said: Any) -> None:
        """Keep it, once."""
        assert said["IfNoneMatch"] == "*"
        if self.down:
            raise refusal(self.down)
        if said["Key"] in self.objects:
            raise refusal("PreconditionFailed", 412)
        lines = gzip.decompress(said["Body"]).decode().splitlines()
        self.objects[said["Key"]] = [json.loads(line) for line in lines]

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        """Answer 200 whatever is refused."""
        assert len(Entries) <= 10
        assert sum(len(entry["Detail"]) for entry in Entries) < 256 * 1024 or len(Entries) == 1
        self.calls.append(len(Entries))
        refused = self.refuses.pop(0) if self.refuses else set()
        self.announced += [entry for n, entry in enumerate(Entries) if n not in refused]
        results = [{"ErrorCode": "Throttled"} if n in refused else {"EventId": "e"} for n in range(len(Entries))]
        return {"FailedEntryCount": len(refused), "Entries": results}


def a_stream(*kinds: Kind, body: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    changes, head = [], audit.START
    for kind in kinds:
        said = audit.link(head, INCIDENT, kind, body or {"scope": "all"}, actor="t", at=AT, mode="automatic")
        changes.append(inserted(said))
        head = Head(said.seq, said.hash)
    return changes


def inserted(said: AuditRecord) -> dict[str, Any]:
    image = typed({"pk": f"INC#{said.incident_id}", **said.model_dump(mode="json"), "ttl": 1})
    return change("INSERT", said.seq, NewImage=image)


def change(event: str, number: int, **dynamodb: Any) -> dict[str, Any]:
    keys = typed({"pk": f"INC#{INCIDENT}", "seq": number})
    return {"eventName": event, "dynamodb": {"SequenceNumber": f"{number:05d}", "Keys": keys, **dynamodb}}


def take(outside: Outside, changes: list[dict[str, Any]], library: Library) -> list[str]:
    given = settings.Record(**TABLES.model_dump(), export_bucket="bucket", bus="edsr")
    answer = record.handler.handler.handle({"Records": changes}, Runtime(given, outside, lambda: AT, lambda: library))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


FIVE = a_stream(*[Kind.CONTROL] * 5)


def test_a_batch_is_one_object_whose_lines_verify_as_a_chain(library: Library) -> None:
    outside = Outside()
    assert take(outside, FIVE, library) == []
    assert list(outside.objects) == ["audit/dt=2026-03-02/00001-00005.jsonl.gz"]
    (lines,) = outside.objects.values()
    chain = [AuditRecord.model_validate(line) for line in lines]
    assert audit.verify(INCIDENT, chain, Head(5, chain[-1].hash)) == []


def test_a_batch_over_midnight_is_an_object_for_each_day(library: Library) -> None:
    outside, head = Outside(), audit.START
    changes = []
    for seconds in (-1, 0, 1):
        at = datetime(2026, 3, 3, tzinfo=UTC) + timedelta(seconds=seconds)
        said = audit.link(head, INCIDENT, Kind.CONTROL, {"scope": "all"}, actor="t", at=at, mode="automatic")
        changes.append(inserted(said))
        head = Head(said.seq, said.hash)
    assert take(outside, changes, library) == []
    assert {key[:19]: [line["seq"] for line in said] for key, said in outside.objects.items()} == {
        "audit/dt=2026-03-02": [1],
        "audit/dt=2026-03-03": [2, 3],
    }


def test_a_batch_that_comes_again_is_exported_once(library: Library) -> None:
    outside = Outside()
    assert [take(outside, FIVE, library) for _ in range(2)] == [[], []]
    assert len(outside.objects) == 1
    assert len({(e["data"]["incident_id"], e["data"]["seq"]) for e in map(_detail, outside.announced)}) == 5


def _detail(entry: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(entry["Detail"])
    return said


def test_nothing_is_announced_that_is_not_exported(library: Library) -> None:
    outside = Outside()
    outside.down = "SlowDown"
    assert take(outside, FIVE, library) == ["00001"]
    assert outside.announced == []


def test_an_announcement_names_its_source_type_time_and_bus(library: Library) -> None:
    outside = Outside()
    take(outside, FIVE[:1], library)
    (entry,) = outside.announced
    assert (entry["EventBusName"], entry["Source"], entry["DetailType"], entry["Time"]) == (
        "edsr", "edsr", "Control Changed", AT,
    )  # fmt: skip


def test_the_bus_is_given_ten_at_a_time(library: Library) -> None:
    outside = Outside()
    assert take(outside, a_stream(*[Kind.CONTROL] * 23), library) == []
    assert outside.calls == [10, 10, 3]


def test_the_bus_is_given_no_more_than_it_takes_at_once(library: Library) -> None:
    outside = Outside()
    large = a_stream(*[Kind.PLAN] * 6, body={"steps": "x" * 60_000})
    assert take(outside, large, library) == []
    assert outside.calls == [3, 3]


def test_what_the_bus_refused_is_sent_again_and_only_that(library: Library) -> None:
    outside = Outside()
    outside.refuses = [{1, 3}, {0}]
    assert take(outside, FIVE, library) == []
    assert outside.calls == [5, 2, 1]
    assert sorted(_detail(entry)["data"]["seq"] for entry in outside.announced) == [1, 2, 3, 4, 5]


def test_a_bus_that_keeps_refusing_sends_lambda_back_to_the_start_of_the_batch(library: Library) -> None:
    outside = Outside()
    outside.refuses = [{4}, {0}, {0}]
    assert take(outside, FIVE, library) == ["00001"]


def test_it_stops_at_a_record_it_cannot_read_and_keeps_what_came_before(library: Library) -> None:
    outside = Outside()
    poison = change("INSERT", 3, NewImage=typed({"pk": "INC#i-1", "seq": 3, "kind": "NONSENSE"}))
    assert take(outside, [*FIVE[:2], poison, *FIVE[3:]], library) == ["00003"]
    assert list(outside.objects) == ["audit/dt=2026-03-02/00001-00002.jsonl.gz"]
    assert take(outside, [poison], library) == ["00003"]


TAMPERED = '"AuditTampered":[1.0]'
BY_TTL = {"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}}
BY_SOMEBODY = {"userIdentity": {"type": "User", "principalId": "somebody"}}


@pytest.mark.parametrize(
    ("said", "tampered"),
    [
        (change("MODIFY", 1, NewImage={}), True),
        (change("MODIFY", 1) | BY_TTL, True),
        (change("REMOVE", 1), True),
        (change("REMOVE", 1) | BY_SOMEBODY, True),
        (change("REMOVE", 1) | {"userIdentity": {"type": "User", "principalId": "dynamodb.amazonaws.com"}}, True),
        (change("REMOVE", 1) | BY_TTL, False),
    ],
)
def test_a_changed_or_removed_row_alarms_unless_its_time_was_over(
    library: Library, said: dict[str, Any], tampered: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = Outside()
    assert take(outside, [said], library) == []
    assert (TAMPERED in capsys.readouterr().out) is tampered
    assert outside.objects == {}
