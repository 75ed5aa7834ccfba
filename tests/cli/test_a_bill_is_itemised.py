"""`edsr cost`: exact sums of dated list prices, for one remediation and for a month of what the templates have."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.cost.bill import Price, Usage, as_json, bill, prices, times
from cli.cost.command import tell
from cli.cost.usage import REMEDIATION, WATCHED, standing
from edsr.metrics import METRICS
from tests.infra.conftest import Synth
from tests.infra.conftest import synth as synth


def usage(quantity: int, price: str = "events") -> Usage:
    return Usage(price, Decimal(quantity), "a test")


def test_a_million_events_cost_a_dollar() -> None:
    assert bill("b", [usage(1_000_000)]).total == 1


def test_the_dearest_stands_first_and_the_sum_is_exact() -> None:
    made = bill("b", [usage(1), usage(10, "kms-keys"), usage(3, "sqs-requests")])
    assert [line.usage.price for line in made.lines] == ["kms-keys", "sqs-requests", "events"]
    assert made.total == Decimal("10.0000022")


@given(st.lists(st.integers(0, 10**9), max_size=9), st.integers(0, 1000))
def test_so_many_times_as_much_costs_so_many_times_as_much(quantities: list[int], count: int) -> None:
    usages = [usage(quantity) for quantity in quantities]
    assert bill("b", times(usages, count, "of them")).total == count * bill("b", usages).total


def test_every_price_says_where_it_was_read_and_of_when_it_is() -> None:
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", prices().looked_up)
    for name, price in prices().prices.items():
        assert str(price.source).startswith("https://aws.amazon.com/"), name
        assert re.fullmatch(r"\d{4}-\d{2}|undated", price.as_of), name


def test_what_has_no_price_is_not_billed_as_nothing() -> None:
    with pytest.raises(KeyError):
        bill("b", [usage(1, "wishes")])


def test_one_remediation_costs_less_than_a_tenth_of_a_cent() -> None:
    assert 0 < bill("one", WATCHED).total < bill("one", REMEDIATION).total < Decimal("0.001")


def test_a_month_in_which_nothing_happens_is_counted_from_the_templates(synth: Synth) -> None:
    made = {one.price: one.quantity for one in standing(synth("dev").folder) if one.price != "events"}
    assert made["metrics"] == sum(metric.series for metric in METRICS.values())
    assert made["kms-keys"] == 3, "of what is stored, of the pages, and the one that signs"
    assert made["alarm-metrics"] > made["composite-alarms"] > 0
    assert made["lambda-requests"] > 43_800 * 3, "sweep, polls and the heartbeat's two, each minute"


def test_no_template_is_no_cost_but_for_what_is_always_there(tmp_path: Path) -> None:
    found = {one.price: one.quantity for one in standing(tmp_path)}
    assert {found[name] for name in ("kms-keys", "dashboards", "alarm-metrics")} == {0}


def test_in_json_money_is_text_and_each_item_has_its_source() -> None:
    said = as_json(bill("b", [usage(1)]))
    assert (said["dollars"], said["items"][0]["dollars"], said["items"][0]["price"]["per"]) == (
        "0.000001", "0.000001", 1_000_000,
    )  # fmt: skip


def test_the_table_says_the_total(capsys: pytest.CaptureFixture[str]) -> None:
    tell(bill("a month", [usage(12, "kms-keys")]))
    assert "a month: 12.00 dollars" in capsys.readouterr().out


def test_a_price_is_for_so_many() -> None:
    said = {"source": "https://aws.amazon.com/x/", "read_in": "https://example.com/", "as_of": "2026-03"}
    assert Price(dollars=Decimal("0.025"), per=1000, **said).of(Decimal(40)) == Decimal("0.001")
