"""The dashboards' own widget: the latest incidents live, by the renderer of an incident's page."""

from dataclasses import replace
from typing import Any

import pytest

import record.shown
from cli import page
from cli.incidents import Told
from decide.chain import decide
from decide.facts import Facts
from edsr import audit, settings
from edsr.aws.items import plain, typed
from edsr.errors import Malformed
from edsr.model import Kind
from edsr.ports import Item
from edsr.protocol import keys
from edsr.protocol.admission import admit
from edsr.protocol.incident import put_record
from edsr.serve import Runtime
from edsr.timeline import timeline
from edsr.way import waterfall, way
from record.recent import remember
from tests import estate
from tests.aws.conftest import Workshop, a_result, another
from tests.things import ALIAS, AT, a_finding, a_playbook, a_policy, a_subject

HOSTILE = '<cwdb-action action="call" endpoint="arn:x">'


def shown(shop: Workshop, **said: Any) -> str:
    return str(shop.call(record.shown.handler, estate.TABLES, widgetContext={"theme": "dark"}, **said))


def begun(shop: Workshop) -> None:
    """Its first record goes through record."""
    given = settings.Record(**estate.TABLES.model_dump(), export_bucket="b", bus="edsr")
    runtime = Runtime(given, shop.clients, shop.clock, lambda: shop.library)
    remember(shop.records()[:1], runtime)


def test_what_began_is_shown_with_everything_that_was_done_about_it(workshop: Workshop) -> None:
    begun(workshop)
    workshop.act()
    workshop.end("RESOLVED", [a_result(at="2026-03-02T03:05:00.000Z")])
    html = shown(workshop)
    assert way(timeline(tuple(workshop.records()))) in html
    assert "RESOLVED: canary-checkout-errors is in ALARM" in html
    assert "As of 2026-03-02T03:05:00.000Z" in html


def test_it_is_the_same_piece_as_on_the_incidents_page(workshop: Workshop) -> None:
    begun(workshop)
    workshop.act()
    piece = way(timeline(tuple(workshop.records())))
    assert piece in shown(workshop)
    assert piece in page.render(Told(workshop.incident, tuple(workshop.records())))


def test_a_waterfall_shows_how_long_each_part_took(workshop: Workshop) -> None:
    begun(workshop)
    workshop.clock.tick(seconds=10)
    workshop.act()
    assert waterfall(timeline(tuple(workshop.records()))) in shown(workshop, show="waterfall")


def test_of_what_is_open_nothing_is_shown_that_has_ended(workshop: Workshop) -> None:
    other = another(workshop)
    for shop in (workshop, other):
        begun(shop)
    workshop.act()
    workshop.end("RESOLVED", [a_result()])
    html = shown(workshop, show="open")
    assert other.incident_id in html
    assert workshop.incident_id not in html


def test_what_holds_is_open_and_what_was_left_to_people_is_not_under_way(workshop: Workshop) -> None:
    begun(workshop)
    said = {"state": "HOLDING", "reason": "for a while", "verdicts": [], "policy": "p", "service": "s"}
    last = audit.link(workshop.incident.head, workshop.incident_id, Kind.CLOSE, said, actor="close", at=AT, mode="m")
    workshop.store.commit([put_record(last, AT)])
    assert "HOLDING: canary-checkout-errors is in ALARM" in shown(workshop, show="open")
    found = a_finding(subject=a_subject(arn=f"{ALIAS}2"))
    decision = decide(found, a_policy(), Facts(now=AT))
    workshop.store.commit(admit(found, decision, a_policy(), a_playbook(), before=None, at=AT))
    begun(replace(workshop, incident_id=found.incident_id))
    assert "ESCALATED: canary-checkout-errors is in ALARM" in shown(workshop, show="open")


def test_the_newest_stands_first_and_no_more_than_are_wanted(workshop: Workshop) -> None:
    begun(workshop)
    workshop.clock.tick(minutes=1)
    later = another(workshop)
    begun(later)
    html = shown(workshop)
    assert html.index(later.incident_id) < html.index(workshop.incident_id)
    assert workshop.incident_id not in shown(workshop, count=1)


def test_an_incident_that_is_remembered_again_is_shown_once(workshop: Workshop) -> None:
    begun(workshop)
    begun(workshop)
    assert shown(workshop).count('class="edsr-case"') == 1


def test_it_is_remembered_for_a_week(workshop: Workshop) -> None:
    begun(workshop)
    (item,) = recent()
    assert item["ttl"] - workshop.clock().timestamp() == 7 * 86_400


def recent() -> list[Item]:
    items = estate.client("dynamodb").scan(TableName="edsr-state")["Items"]
    return [item for item in map(plain, items) if item["pk"] == keys.RECENT]


def test_what_an_event_says_becomes_no_markup(workshop: Workshop) -> None:
    shop = another(workshop, "basket", title=HOSTILE, evidence={"alarm": "a", "reason": HOSTILE})
    begun(shop)
    html = shown(shop)
    assert HOSTILE not in html
    assert html.count("&lt;cwdb-action") >= 2
    assert "<script" not in html


def test_a_row_that_holds_no_record_is_told_and_hides_nothing_else(workshop: Workshop) -> None:
    begun(workshop)
    broken = {"pk": f"INC#{workshop.incident_id}", "seq": 9, "kind": "NONSENSE"}
    estate.client("dynamodb").put_item(TableName="edsr-audit", Item=typed(broken))
    html = shown(workshop)
    assert "1 rows hold no record: edsr audit verify" in html
    assert "decided to act" in html


@pytest.mark.parametrize(("show", "words"), [("chains", "nothing was to be done"), ("open", "nothing is open")])
def test_where_nothing_happened_it_says_so(workshop: Workshop, show: str, words: str) -> None:
    assert words in shown(workshop, show=show)


def test_it_says_how_it_is_used(workshop: Workshop) -> None:
    assert shown(workshop, describe=True).startswith("## The latest incidents")


@pytest.mark.parametrize("said", [{"show": "everything"}, {"count": 0}, {"count": 21}])
def test_what_it_cannot_show_is_refused(workshop: Workshop, said: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        shown(workshop, **said)
