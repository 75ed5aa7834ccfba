"""`edsr report`: figures with their targets, by policy and service, in words, as JSON and as a page."""

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer

from cli import report
from cli.chains import Chains
from cli.scorecard import Scorecard, as_json, scorecard
from edsr.indicators.table import INDICATORS
from tests.chains import POLICY, Chain, chains, labels
from tests.things import AT, a_subject

HOSTILE = "<img src=x onerror=alert(1)>"
NOW = AT + timedelta(days=3)


def card(*incidents: Chain, days: int = 30, unreadable: int = 0, **said: list[tuple[str, str, str]]) -> Scorecard:
    """A report of these."""
    records = chains(*incidents, labelled=labels(*said["labelled"]) if said else None)
    return scorecard(Chains(records, unreadable), NOW - timedelta(days=days), NOW)


def a_month() -> Scorecard:
    """Nineteen cures and one that failed, for two policies; one of the cures was not needed."""
    cures = [Chain(n).acted() for n in range(19)]
    failed = Chain(20, policy="another", subject=a_subject(service="basket")).acted("ESCALATED", "unknown")
    return card(*cures, failed, labelled=[(cures[0].id, "false-positive", "unclear")])


class Page(HTMLParser):
    """What a page has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.fetched: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_months_measures_are_told_with_their_targets() -> None:
    found = {one["id"]: one for one in as_json(a_month())["measures"]}
    assert list(found) == [one.id for one in INDICATORS]
    assert (found["M3"]["value"], found["M3"]["target"], found["M3"]["met"]) == (95, ">= 95", True)
    assert (found["M4"]["value"], found["M4"]["met"], found["M4"]["samples"]) == (5, True, 20)
    assert found["M6"] | {"value": 18, "target": None, "met": None} == found["M6"]


def test_policies_and_services_are_told_apart() -> None:
    said = as_json(a_month())
    assert {one["name"]: (one["actions"], one["M3"], one["precision"]) for one in said["policies"]} == {
        POLICY: (19, 100, 0), "another": (1, 0, None),
    }  # fmt: skip
    assert {one["name"]: one["actions"] for one in said["services"]} == {"checkout": 19, "basket": 1}


def test_what_is_missed_is_what_the_summary_counts() -> None:
    bad = card(Chain().acted("REVERTED", "worse"))
    assert [one.indicator.id for one in bad.missed] == ["M3", "M5"]
    assert (bad.summary, card().summary) == ("5 of 7 targets are met", "1 of 1 targets are met")


def test_what_was_before_is_not_counted() -> None:
    early = Chain(1, began=NOW - timedelta(days=8)).acted()
    assert card(early, days=7).policies == []
    assert len(card(early, days=9).policies) == 1


def test_the_page_has_every_measure_and_nothing_that_acts_or_fetches() -> None:
    page = Page(report.render(a_month()))
    assert not page.tags & {"script", "link", "img", "iframe", "form"}
    assert page.fetched == []
    for one in INDICATORS:
        assert one.title in page.text
    assert "19 of" not in page.text
    assert "nobody labelled any" in page.text


def test_a_hostile_name_is_only_text() -> None:
    html = report.render(card(Chain(subject=a_subject(service=HOSTILE)).acted(), unreadable=2))
    assert HOSTILE not in html
    assert HOSTILE in Page(html).text
    assert "2 rows of the audit hold no record" in html


def test_the_page_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    file = report.write(a_month(), tmp_path / "deep" / "report.html")
    assert file.read_text().startswith("<!doctype html>")


def test_the_table_says_which_targets_are_met(capsys: pytest.CaptureFixture[str]) -> None:
    report.tell(a_month())
    said = capsys.readouterr().out
    assert "manual" in said
    assert "8 of 8 targets are met" in said


@pytest.mark.parametrize(
    ("said", "span"),
    [("24h", timedelta(hours=24)), ("7d", timedelta(days=7)), ("4w", timedelta(weeks=4))],
)
def test_a_period_is_named_by_how_long_ago_it_began(said: str, span: timedelta) -> None:
    assert report.begin(said, NOW) == NOW - span


def test_a_period_may_begin_at_a_time() -> None:
    assert report.begin("2026-03-01T00:00Z", NOW).isoformat() == "2026-03-01T00:00:00+00:00"


@pytest.mark.parametrize("said", ["", "7", "d", "yesterday", "2026-03-01", "2027-03-01T00:00Z", "0d", "-7d"])
def test_what_is_no_period_is_told(said: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"write 24h, 7d|not over yet"):
        report.begin(said, NOW)
