"""Measures at work: the protocol's own chain, labelled by a person; what record emits is what a report adds up."""

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

import control.switch
import record.handler
from cli.account import Account
from cli.chains import every
from edsr import settings
from edsr.aws.items import plain, typed
from edsr.indicators.labels import LABELLED
from edsr.indicators.totals import figures, observations
from edsr.metrics import METRICS
from edsr.model import AuditRecord
from edsr.protocol import keys
from tests import estate, policies
from tests.asking import Answer, read, request
from tests.aws.conftest import Workshop, a_result
from tests.aws.services import refusal

ACCOUNT = Account("here", estate.client, is_sandbox=True)
RECORD = settings.Record(**estate.TABLES.model_dump(), export_bucket="bucket", bus="edsr")
SHOP = f"arn:aws:sts::{estate.ACCOUNT}:assumed-role/ShopOnCall/ann"


class Elsewhere:
    """S3 and the bus, who take everything."""

    def __init__(self) -> None:
        self.exceptions = type("Exceptions", (), {"ClientError": type(refusal("x"))})

    def put_object(self, **_: Any) -> None:
        """Kept."""

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        """Taken."""
        return {"FailedEntryCount": 0, "Entries": [{} for _ in Entries]}


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    """A workshop whose records go somewhere."""
    workshop.others |= {"s3": Elsewhere(), "events": Elsewhere()}
    return workshop


def label(shop: Workshop, said: str, caller: str = "ann", incident: str = "") -> Answer:
    """Ask for a label, as this caller."""
    asked = request(caller, "/labels", incident=incident or shop.incident_id, label=said, reason="I looked")
    return read(shop.call(control.switch.handler, estate.ROUTE, **asked))


def cured(shop: Workshop, judged: str = "better", to: str = "RESOLVED") -> None:
    shop.clock.tick(seconds=9)
    shop.act()
    shop.end(to, [a_result(judged=judged)])


def everything() -> list[dict[str, Any]]:
    """Every row of the audit, as its stream brings it."""
    items = estate.client("dynamodb").scan(TableName="edsr-audit", ConsistentRead=True)["Items"]
    return sorted(items, key=lambda item: (plain(item)["ts"], plain(item)["seq"]))


def emitted(shop: Workshop, capsys: pytest.CaptureFixture[str]) -> dict[str, list[float]]:
    """What record emits of everything, by metric."""
    changes = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{n:05d}", "NewImage": item}}
        for n, item in enumerate(everything())
    ]
    capsys.readouterr()
    assert shop.call(record.handler.handler, RECORD, Records=changes) == {"batchItemFailures": []}
    return _by_metric(capsys.readouterr().out)


def _by_metric(said: str) -> dict[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for line in (json.loads(line) for line in said.splitlines() if '"_aws"' in line):
        ((directive),) = line["_aws"]["CloudWatchMetrics"]
        (dimensions,) = directive["Dimensions"]
        for metric in directive["Metrics"]:
            known = METRICS[metric["Name"]]
            assert metric["Unit"] == known.unit
            assert set(dimensions) - {"service"} == set(known.dimensions)
            found[metric["Name"]] += line[metric["Name"]]
    return found


def reported() -> dict[str, list[float]]:
    """What a report adds up, by metric."""
    values: dict[str, list[float]] = defaultdict(list)
    for one in observations(every(ACCOUNT).records):
        values[one.metric].append(one.value)
    return values


@pytest.mark.parametrize(
    ("judged", "to", "labels"),
    [
        ("better", "RESOLVED", []),
        ("better", "RESOLVED", ["false-positive"]),
        ("better", "RESOLVED", ["false-positive", "harmful", "true-positive"]),
        ("worse", "ESCALATED", ["true-positive", "unclear"]),
        ("unknown", "ESCALATED", ["false-positive"]),
    ],
)
def test_what_record_emits_is_what_a_report_adds_up(
    shop: Workshop, judged: str, to: str, labels: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    cured(shop, judged, to)
    for said in labels:
        assert label(shop, said).status == 200
    found, told = emitted(shop, capsys), reported()
    assert told["RemediationSucceeded"] == [float(judged == "better")]
    assert {name: sorted(found[name]) for name in told} == {name: sorted(values) for name, values in told.items()}
    assert sum(found["AuditRecords"]) == len(everything())


def test_a_cure_that_took_ten_seconds_is_measured_as_that(shop: Workshop) -> None:
    cured(shop)
    told = {name: sum(values) for name, values in reported().items()}
    assert told == {
        "EventDelivered": 1, "DetectSeconds": 30, "ActionMilliseconds": 0, "ActionAudited": 1,
        "RemediationSucceeded": 1, "RemediateSeconds": 9, "InterventionAvoided": 1,
    }  # fmt: skip


def test_a_label_is_a_record_of_who_said_what_of_which_incident_and_why(shop: Workshop) -> None:
    cured(shop)
    answers = [label(shop, said).said for said in ("false-positive", "true-positive")]
    assert [(one["is"], one["was"]) for one in answers] == [
        ("false-positive", "unclear"), ("true-positive", "false-positive"),
    ]  # fmt: skip
    first, second = shop.controls()
    assert {name: first.body[name] for name in ("switch", "incident", "label", "was", "reason", "caller")} == {
        "switch": LABELLED, "incident": shop.incident_id, "label": "false-positive", "was": "unclear",
        "reason": "I looked", "caller": policies.arn("ann"),
    }  # fmt: skip
    assert (second.body["was"], shop.item(keys.label(shop.incident_id))["label"]) == ("false-positive", "true-positive")


def test_who_operates_the_incidents_service_may_label_it_and_a_stranger_may_not(
    shop: Workshop,
) -> None:
    cured(shop)
    folder = policies.folder_of(shop.library)
    file = folder / "services" / "checkout.json"
    assert label(shop, "harmful", SHOP).status == 403
    assert shop.item(keys.label(shop.incident_id)) == {}
    policies.write(file, policies.read(file) | {"people": {"operators": [f"{SHOP.rsplit('/', 1)[0]}/*"]}})
    assert label(shop, "harmful", SHOP).status == 200


@pytest.mark.parametrize(
    ("incident", "said", "status", "why"),
    [
        ("", "false-positive", 403, "what it was can be said once it has ended"),
        ("i-" + "0" * 26, "false-positive", 403, "there is no incident i-000"),
        ("i-1", "false-positive", 400, "incident: String should match pattern"),
        ("", "wrong", 400, "label: Input should be 'true-positive', 'false-positive', 'harmful' or 'unclear'"),
    ],
)
def test_what_cannot_be_labelled_is_told(shop: Workshop, incident: str, said: str, status: int, why: str) -> None:
    answer = label(shop, said, incident=incident)
    assert (answer.status, why in answer.why) == (status, True), answer.why


def test_two_who_label_at_once_both_are_on_record_each_after_the_other(shop: Workshop) -> None:
    cured(shop)
    shop.put(keys.label(shop.incident_id), label="harmful", by="bob", at=1)
    assert label(shop, "true-positive").said["was"] == "harmful"


def test_a_chain_that_cannot_be_read_holds_the_batch_and_nothing_is_emitted_twice(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    cured(shop)
    rows = everything()
    changes = [
        {"eventName": "INSERT", "dynamodb": {"SequenceNumber": f"{n:05d}", "NewImage": item}}
        for n, item in enumerate(rows)
    ]
    shop.others["dynamodb"] = Unreadable()
    capsys.readouterr()
    answer = shop.call(record.handler.handler, RECORD, Records=changes)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "00000"}]}
    assert _by_metric(capsys.readouterr().out) == {}


class Unreadable:
    """A DynamoDB that is throttled when many items are read."""

    def __getattr__(self, name: str) -> Any:
        """All else it does."""
        return getattr(estate.client("dynamodb"), name)

    def get_paginator(self, _: str) -> "Unreadable":
        """Of a query."""
        return self

    def paginate(self, **_: Any) -> Iterator[Any]:
        """No page comes."""
        yield from ()
        raise refusal("ThrottlingException")


def test_a_chain_that_holds_no_record_stops_nothing_but_the_measures_of_that_end(
    shop: Workshop, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    cured(shop)
    rows = [item for item in everything() if plain(item)["kind"] == "CLOSE"]
    broken = {"pk": f"INC#{shop.incident_id}", "seq": 2, "kind": "NONSENSE"}
    estate.client("dynamodb").put_item(TableName="edsr-audit", Item=typed(broken))
    changes = [{"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "NewImage": item}} for item in rows]
    capsys.readouterr()
    assert shop.call(record.handler.handler, RECORD, Records=changes) == {"batchItemFailures": []}
    assert "not measured" in caplog.text
    assert every(ACCOUNT).unreadable == 1
    assert set(_by_metric(capsys.readouterr().out)) == {"AuditRecords", "Closed"}


def test_figures_are_met_or_not_as_their_targets_say(shop: Workshop) -> None:
    cured(shop, "unknown", "ESCALATED")
    chains: dict[str, list[AuditRecord]] = {shop.incident_id: shop.records()}
    found = {one.indicator.id: one.met for one in figures(observations(chains))}
    assert (found["M1"], found["M3"], found["M10"], found["M6"]) == (True, False, True, None)
