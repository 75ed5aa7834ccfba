"""What our roles did and the audit lacks, and what the audit says and nobody did: each found, among many that agree."""

import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.query.asked import asked
from cli.query.embedded import Lake
from edsr.model import Kind
from tests.lake import HAND, Chain, a_call, an_incident, exported, trailed
from tests.things import ALIAS, AT

HONEST, HIDDEN, INVENTED = 60, 10, 10
DAYS = {"since": "2026-03-01", "until": "2026-03-05"}
LATER = AT + timedelta(days=2)


def alias(name: str) -> str:
    return ALIAS.replace("checkout", name)


def acted(name: str, at: datetime, **more: Any) -> Chain:
    return an_incident(name, at=at).acted(alias(name), **more).closed()


def called(chain: Chain, name: str, number: int, **more: Any) -> dict[str, Any]:
    """The call of its intent, half a second later."""
    intent = next(record for record in chain.records if record.kind is Kind.INTENT)
    return a_call(number, datetime.fromisoformat(intent.ts) + timedelta(seconds=0.5), name, **more)


def asks(lake: Lake, name: str, **days: str) -> list[dict[str, Any]]:
    """The answer about all days, unless others are said."""
    answer = lake.ask(asked(name, DAYS | days, date(2026, 3, 5)))
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Sixty actions that are in both, ten calls that the audit lacks, ten outcomes that no call stands for.

    They lie within the same hours and are about the same few functions, some in the same minute by the same hand.
    """
    spread = random.Random(7)  # noqa: S311 - an order, not a secret
    names = [f"shop-{n}" for n in range(8)]
    chains, calls = [], []
    for n in range(HONEST):
        name = names[n % len(names)]
        chain = acted(name, AT + timedelta(minutes=9 * n, seconds=spread.random() * 50))
        chains.append([record.model_copy(update={"incident_id": f"i-honest-{n}"}) for record in chain.records])
        calls.append(called(chain, name, n))
    hidden = [a_call(1_000 + n, AT + timedelta(minutes=9 * n, seconds=30), f"shop-{n % 8}") for n in range(4)]
    hidden += [a_call(1_004 + n, AT + timedelta(minutes=18 * n, seconds=5), "payroll") for n in range(3)]
    hidden += [a_call(1_007, AT, "shop-0", session="edsr-decide"), a_call(1_008, AT, "shop-0", session="somebody")]
    hidden += [a_call(1_009, AT, "shop-1", eventSource="iam.amazonaws.com", eventName="CreateUser")]
    invented = [acted(names[n % 8], AT + timedelta(hours=20, minutes=n)) for n in range(INVENTED)]
    told = [
        [one.model_copy(update={"incident_id": f"i-invented-{n}"}) for one in c.records] for n, c in enumerate(invented)
    ]
    everything = [*calls, *hidden]
    spread.shuffle(everything)
    export = exported(tmp_path_factory.mktemp("export"), [*chains, *told])
    return Lake(export, LATER, trailed(tmp_path_factory.mktemp("trail"), everything))


def test_ten_of_ten_hidden_calls_are_found_and_no_other(lake: Lake) -> None:
    found = asks(lake, "calls-without-record")
    assert len(found) == HIDDEN
    assert [row for row in found if int(row["event"][-4:]) < 1_000] == [], "an honest call"


def test_ten_of_ten_invented_actions_are_found_and_no_other(lake: Lake) -> None:
    found = asks(lake, "records-without-call")
    assert {row["incident"] for row in found} == {f"i-invented-{n}" for n in range(INVENTED)}


def test_completeness_is_the_share_of_calls_that_are_recorded(lake: Lake) -> None:
    found = asks(lake, "completeness")
    assert sum(row["calls"] for row in found) == HONEST + HIDDEN
    assert sum(row["recorded"] for row in found) == HONEST
    assert all(row["percent"] == round(100 * row["recorded"] / row["calls"], 2) for row in found)


@pytest.mark.parametrize(
    ("call", "hidden"),
    [
        ({}, False),
        ({"session": "edsr-act-something-else"}, True),
        ({"readOnly": True}, False),
        ({"eventName": "CreateLogStream", "eventSource": "logs.amazonaws.com"}, False),
        ({"errorCode": "AccessDenied"}, False),
        ({"role": "arn:aws:iam::123456789012:role/deployer"}, False),
        ({"role": "arn:aws:iam::123456789012:role/edsr/edsr-redrive", "session": "ann"}, False),
        ({"session": "edsr-decide", "eventSource": "states.amazonaws.com", "eventName": "StartExecution"}, False),
        ({"session": HAND, "eventSource": "states.amazonaws.com", "eventName": "StartExecution"}, False),
        ({"requestParameters": {"functionName": "other"}}, True),
        ({"requestParameters": None}, True),
    ],
)
def test_whose_calls_count_and_which(call: dict[str, Any], hidden: bool, tmp_path: Path) -> None:
    chain = acted("checkout", AT)
    trail = trailed(tmp_path / "trail", [called(chain, "checkout", 1, **call)])
    lake = Lake(exported(tmp_path / "export", [chain.records]), LATER, trail)
    assert bool(asks(lake, "calls-without-record")) is hidden


@pytest.mark.parametrize("before", [0.2, 0.8, 2.0])
@pytest.mark.parametrize("days", [{"until": "2026-03-02"}, {"since": "2026-03-03"}])
def test_what_spans_midnight_is_in_both_on_either_day(before: float, days: dict[str, str], tmp_path: Path) -> None:
    midnight = AT.replace(hour=0, minute=0) + timedelta(days=1)
    chain = acted("checkout", midnight - timedelta(seconds=2 + before))
    lake = Lake(
        exported(tmp_path / "export", [chain.records]),
        LATER,
        trailed(tmp_path / "trail", [called(chain, "checkout", 1)]),
    )
    assert asks(lake, "calls-without-record", **days) == []
    assert asks(lake, "records-without-call", **days) == []
    assert sum(row["calls"] for row in asks(lake, "completeness", **days)) <= 1


def test_a_second_call_under_one_intent_is_hidden(tmp_path: Path) -> None:
    chain = acted("checkout", AT)
    trail = trailed(tmp_path / "trail", [called(chain, "checkout", n) for n in (1, 2)])
    lake = Lake(exported(tmp_path / "export", [chain.records]), LATER, trail)
    assert len(asks(lake, "calls-without-record")) == 1


def test_a_retry_has_an_intent_of_its_own(tmp_path: Path) -> None:
    chain = an_incident("checkout")
    step = {"step": 1, "direction": "apply", "action": "shift-alias", "target": ALIAS}
    chain.add(Kind.INTENT, HAND, {**step, "attempt": 1}).add(Kind.INTENT, HAND, {**step, "attempt": 2}, after=50)
    chain.add(Kind.OUTCOME, HAND, {**step, "status": "RECOVERED"})
    calls = [a_call(1, AT + timedelta(seconds=3), "checkout"), a_call(2, AT + timedelta(seconds=53), "checkout")]
    lake = Lake(exported(tmp_path / "export", [chain.records]), LATER, trailed(tmp_path / "trail", calls))
    assert asks(lake, "calls-without-record") == []
    assert asks(lake, "records-without-call") == []


def test_a_trail_of_many_files_is_read_whole(tmp_path: Path) -> None:
    trail = trailed(tmp_path / "trail", [a_call(1, AT, "checkout")])
    (file,) = trail.rglob("*.gz")
    for n in range(30):
        (file.parent / f"{n}.json.gz").write_bytes(file.read_bytes())
    lake = Lake(exported(tmp_path / "export", [acted("checkout", AT).records]), LATER, trail)
    assert len(asks(lake, "calls-without-record")) <= 1, "what was delivered twice was called once"


def test_what_did_nothing_needs_no_call_and_what_is_young_has_time(tmp_path: Path) -> None:
    quiet = [an_incident(f"n-{n}").acted(status=status).records for n, status in enumerate(("NOOP", "REFUSED", "GONE"))]
    young = acted("young", LATER - timedelta(minutes=20)).records
    lake = Lake(exported(tmp_path / "export", [*quiet, young]), LATER, trailed(tmp_path / "trail", []))
    assert asks(lake, "records-without-call") == []
