"""The console's pages: what the commands say, hostile words only as text, and no change that no form asks for."""

from itertools import product

import pytest
from werkzeug.test import Client

from cli.account import Account
from cli.console.guard import Guard
from cli.console.site import FILES, FORMS, LARGEST, Site
from cli.console.source import Source, span
from cli.errors import Unavailable
from cli.page import TEMPLATES
from cli.switch import stopped
from decide.chain import CHAIN
from edsr.protocol import keys
from edsr.timeline import timeline
from edsr.way import strip, waterfall, way
from tests import estate
from tests.aws.conftest import Workshop, a_result, another
from tests.console import AT_HOME, PORT, Browser, Page

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
PAGES = (
    "/",
    "/?show=open",
    "/policies",
    "/policies/lambda-canary-rollback",
    "/measures",
    "/measures?since=24h",
    "/switch",
)


@pytest.fixture
def browser(workshop: Workshop) -> Browser:
    """The console of a sandbox with one incident."""
    return Browser(clock=workshop.clock)


def everything(browser: Browser, *shops: Workshop) -> dict[str, str]:
    """Every page there is, by its address."""
    return {path: browser.get(path).text for path in (*PAGES, *(f"/incidents/{shop.incident_id}" for shop in shops))}


def test_an_incident_is_listed_with_its_picture_and_told_by_the_renderer_of_its_page(
    browser: Browser, workshop: Workshop
) -> None:
    workshop.act()
    workshop.end("RESOLVED", [a_result(at="2026-03-02T03:05:00.000Z")])
    entries = timeline(tuple(workshop.records()))
    home = browser.get("/").text
    assert strip(entries) in home
    assert "RESOLVED" in Page(home).text
    own = browser.get(f"/incidents/{workshop.incident_id}").text
    assert way(entries) in own
    assert waterfall(entries) in own
    said = Page(own).text
    assert "version 2 → 1" in said
    assert "Intact , 5 records" in said
    assert f"All {len(CHAIN)} gates allowed it" in said


def test_what_has_not_ended_is_under_way_and_seen_in_the_next_look(browser: Browser, workshop: Workshop) -> None:
    link = f"/incidents/{workshop.incident_id}"
    assert link in browser.get("/?show=open").text
    workshop.act()
    workshop.end("RESOLVED", [a_result(at="2026-03-02T03:05:00.000Z")])
    assert link not in browser.get("/?show=open").text
    assert link in browser.get("/?show=resolved").text


def test_what_an_event_says_is_only_text_on_every_page(browser: Browser, workshop: Workshop) -> None:
    evil = another(workshop, title=HOSTILE, evidence={"alarm": HOSTILE, "reason": HOSTILE}, correlation_id=HOSTILE)
    workshop.engage(f"service:{HOSTILE}")
    pages = everything(browser, workshop, evil)
    for path, html in pages.items():
        assert "<script>alert" not in html, path
        assert "<img src=x" not in html, path
        assert [one for one in Page(html).named("script") if one != {"src": "/console.js", "defer": None}] == [], path
        handlers = [name for _, said in Page(html).tags for name in said if name.startswith("on") or name == "style"]
        assert handlers == [], path
    assert HOSTILE in Page(pages["/"]).text
    assert HOSTILE in Page(pages[f"/incidents/{evil.incident_id}"]).text


def test_every_answer_forbids_what_is_not_the_consoles_own(browser: Browser) -> None:
    for path in (*PAGES, *FILES, "/nowhere", "/incidents/i-none"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_elsewhere_whose_name_leads_here_sees_nothing(browser: Browser) -> None:
    for host in ("evil.example", "evil.example:4580", "127.0.0.1", "127.0.0.1:80", "127.0.0.1.evil:4580"):
        answer = browser.client.get("/", base_url=f"http://{host}", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "canary" not in answer.text
        assert "token" not in answer.text


def test_the_machines_other_name_for_itself_is_let_in(browser: Browser) -> None:
    assert browser.client.get("/", base_url="http://localhost:4580").status_code == 200


def test_looking_at_where_a_form_goes_changes_nothing(browser: Browser, workshop: Workshop) -> None:
    for form, method in product(FORMS, ("GET", "HEAD", "PUT", "DELETE", "OPTIONS")):
        path = form.replace("<incident>", workshop.incident_id)
        answer = browser.client.open(path, base_url=AT_HOME, method=method, headers={"Origin": AT_HOME})
        assert answer.status_code in (403, 404, 405), (form, method)
    assert stopped(browser.account)["engaged"] == {}


def test_a_form_that_is_not_from_a_page_of_the_console_changes_nothing(browser: Browser) -> None:
    filled = browser.page("/switch").forms["/switch/off"] | {"scope": "all", "reason": "because"}
    for origin in ("", "null", "http://evil.example", "http://127.0.0.1:8080", "http://localhost:4580"):
        assert browser.post("/switch/off", filled, origin=origin).status_code == 403, origin
    assert browser.post("/switch/off", filled, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    for token in ("", "0" * 64):
        assert browser.post("/switch/off", filled | {"token": token}).status_code == 403
    assert browser.client.get_cookie("edsr-console-4580", domain="127.0.0.1")
    browser.client.delete_cookie("edsr-console-4580", domain="127.0.0.1")
    assert browser.post("/switch/off", filled).status_code == 403
    assert stopped(browser.account)["engaged"] == {}


def test_a_token_is_one_browsers(browser: Browser) -> None:
    other = Browser(clock=browser.clock)
    theirs = other.page("/switch").forms["/switch/off"]["token"]
    assert theirs != browser.page("/switch").forms["/switch/off"]["token"]
    assert theirs not in browser.get("/switch").text


def test_a_form_that_is_too_large_is_not_read(browser: Browser) -> None:
    filled = browser.page("/switch").forms["/switch/off"] | {"reason": "x" * LARGEST}
    assert browser.post("/switch/off", filled).status_code == 413


def test_what_is_not_there_is_said_to_be(browser: Browser) -> None:
    beside = ("/policies/none", "/policies/..%2fservices%2fcheckout", "/policies/%2e%2e", "/console.css.j2")
    for path in ("/nowhere", "/incidents/i-none", "/?show=x", "/measures?since=9w", *beside):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "To the incidents" in Page(answer.text).text


def test_every_field_has_a_label_and_every_page_says_where_one_is(browser: Browser, workshop: Workshop) -> None:
    for path, html in everything(browser, workshop).items():
        page = Page(html)
        assert len(page.named("h1")) == 1, path
        assert [one["lang"] for one in page.named("html")] == ["en"]
        assert sum("aria-current" in one for one in page.named("a")) >= 1, path
        for one in page.named("input"):
            assert one.get("type") == "hidden" or f'name="{one["name"]}"' in html.split("<label", 1)[1], path
        ids = [said["id"] for _, said in page.tags if "id" in said]
        assert len(ids) == len(set(ids)), path


def test_where_scripts_are_off_a_page_without_a_form_is_loaded_again(browser: Browser) -> None:
    assert '<noscript><meta http-equiv="refresh"' in browser.get("/").text
    assert "http-equiv" not in browser.get("/switch").text, "it would take away what somebody types"


def test_without_a_sandbox_it_is_said_how_to_start_one(browser: Browser) -> None:
    def none() -> Account:
        raise Unavailable("no sandbox is running here: start one with `edsr up`")

    browser.client = Client(Site(Source(none, browser.clock), Guard(PORT, b"secret", "ann")))
    for path in PAGES:
        answer = browser.get(path)
        assert answer.status_code == 503, path
        assert "edsr up" in Page(answer.text).text
        assert "not connected" in Page(answer.text).text


def test_an_empty_sandbox_says_what_to_try(aws: None) -> None:
    del aws
    estate.make_tables()
    assert "All quiet" in Browser().page("/").text


def test_policies_are_told_with_how_far_they_go_and_what_lowered_them(browser: Browser, workshop: Workshop) -> None:
    workshop.put(
        keys.demotions("lambda-canary-rollback"),
        demoted={"*": {"to": "approve", "by": "ann", "reason": "it was wrong twice", "at": 1}},
    )
    said = browser.page("/policies").text
    assert "approve, demoted" in said
    own = browser.page("/policies/lambda-canary-rollback").text
    assert "it was wrong twice" in own
    assert "safeguards.cooldown" in own


@pytest.mark.parametrize(("seconds", "said"), [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (90000, "1 d")])
def test_a_span_is_told_in_its_largest_unit(seconds: float, said: str) -> None:
    assert span(seconds) == said


def test_the_styles_and_the_script_are_files(browser: Browser) -> None:
    for path, kind in FILES.items():
        answer = browser.get(path)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        assert answer.data == TEMPLATES.get_template(f"console{path}").render().encode()
