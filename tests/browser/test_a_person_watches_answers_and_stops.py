"""The console in a real browser, on the suite in the sandbox: what happens appears, and what is clicked is done."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli import incidents, send, switch
from cli.account import Account
from cli.controls import months
from cli.estate import Estate
from cli.route import local
from edsr.audit import read
from edsr.model import State
from tests import estate as events
from tests.browser.conftest import pictures, running
from tests.flow.deployed import ASKS, about, edsr, ended

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]
HOSTILE = "<script>document.title='taken'</script><b>bold</b>"


def ask(account: Account, service: str) -> Estate:
    """A bad release of a service, about which a person is asked."""
    estate = Estate(account.client, service)
    estate.alarm_name = f"{ASKS}-{service}-errors"
    estate.make()
    estate.release()
    account.client("cloudwatch").set_alarm_state(AlarmName=estate.alarm_name, StateValue="OK", StateReason="test")
    event = send.as_of_now(events.event("cloudwatch/canary-alarm"))
    send.send(account, json.loads(json.dumps(about(service, event)).replace("canary-", f"{ASKS}-")))
    return estate


def test_what_happens_appears_by_itself_and_what_a_person_approves_is_done_in_their_name(
    tab: Any, account: Account, chromium: Any, console: str
) -> None:
    tab.goto("/")
    tab.get_by_text("All quiet").wait_for()
    pictures(chromium, console, "incidents-none", "/")
    estate = ask(account, "tills")
    tab.get_by_role("link", name="Look and answer").click()
    tab.get_by_role("heading", name="May it do this?").wait_for()
    tab.locator("#answer").get_by_text("version 2 → 1").wait_for()
    pictures(chromium, console, "incident-asked", tab.url.removeprefix(console))
    assert estate.version() == "2"
    tab.get_by_label("Why").fill("the release is bad")
    tab.get_by_label("Your name").fill("bob")
    tab.get_by_role("button", name="Approve this plan").click()
    tab.get_by_text("Agreed: it is being done now.").wait_for()
    tab.locator("ol.way").get_by_text("closed as RESOLVED").wait_for()
    told = ended(account, "tills")
    assert (told.incident.state, estate.version()) == (State.RESOLVED, "1")
    (answer,) = [record for record in told.records if record.body.get("answer") == "approved"]
    assert (answer.body["caller"], answer.body["reason"]) == (local("bob"), "the release is bad")
    pictures(chromium, console, "incident-resolved", f"/incidents/{told.incident.id}")


def test_what_a_person_types_outlives_what_happens_meanwhile(tab: Any, account: Account) -> None:
    ask(account, "quotes")
    tab.goto("/")
    tab.get_by_role("link", name="Look and answer").click()
    why = tab.get_by_label("Why")
    why.fill("it is not")
    before = tab.locator("#asof").inner_text()
    tab.wait_for_function("before => document.querySelector('#asof').innerText !== before", arg=before)
    assert why.input_value() == "it is not"
    why.press_sequentially(" the release")
    tab.get_by_role("button", name="Reject").click()
    tab.get_by_text("Rejected: nothing is done.").wait_for()
    told = ended(account, "quotes")
    assert told.incident.state is State.ABORTED
    assert "it is not the release" in {record.body.get("reason") for record in told.records}


def test_the_kill_switch_is_pulled_holds_and_is_let_go_by_two(
    tab: Any, account: Account, chromium: Any, console: str
) -> None:
    tab.goto("/switch")
    tab.get_by_text("Automation is on.").wait_for()
    pictures(chromium, console, "switch-on", "/switch")
    tab.locator("#off").get_by_label("Why").fill("a drill")
    tab.get_by_role("button", name="Stop automation").click()
    tab.get_by_role("heading", name="Everything is stopped").wait_for()
    tab.get_by_role("link", name="everything stopped").wait_for()
    pictures(chromium, console, "switch-off", "/switch")
    send.send(account, about("orders", send.as_of_now(events.event("cloudwatch/canary-alarm"))))
    assert ended(account, "orders").incident.state is State.SUPPRESSED
    for who in ("ann", "bob"):
        tab.get_by_label("Why it may go on").fill("the drill is over")
        tab.locator(".panel.bad").get_by_label("Your name").fill(who)
        tab.locator(".panel.bad").get_by_role("button").click()
        tab.get_by_text("Noted" if who == "ann" else "Released").wait_for()
    assert switch.stopped(account)["engaged"] == {}
    tab.get_by_role("link", name="automation on").wait_for()
    chain = list(months(account))[-1]
    said = [read(item).body for item in account.store.partition("audit", chain)]
    assert [(one["switch"], one["by"]) for one in said if one.get("scope") == "all"] == [
        ("engaged", local("ann")), ("release-asked", local("ann")), ("released", local("bob")),
    ]  # fmt: skip


def test_every_page_is_seen_whole_wide_and_narrow_in_light_and_dark(
    account: Account, chromium: Any, console: str
) -> None:
    event = send.as_of_now(events.event("cloudwatch/canary-alarm"))
    send.send(account, json.loads(json.dumps(about("ledger", event)).replace("Threshold Crossed", HOSTILE)))
    ended(account, "ledger")
    ask(account, "reviews")
    tab = chromium.new_page(base_url=console)
    tab.goto("/")
    tab.get_by_role("link", name="Look and answer").wait_for()
    assert tab.title() == "(1) Incidents · EDSR"
    tab.close()
    held = next(one for one in incidents.every(account) if one.state is State.SUPPRESSED)
    for name, path in {
        "incidents": "/",
        "incident-suppressed": f"/incidents/{held.id}",
        "policies": "/policies",
        "policy": "/policies/lambda-canary-rollback",
        "measures": "/measures",
        "not-there": "/incidents/i-none",
    }.items():
        pictures(chromium, console, name, path)


def test_all_of_it_can_be_done_with_the_keyboard_and_without_scripts_and_motion(chromium: Any, console: str) -> None:
    still = chromium.new_context(base_url=console, java_script_enabled=False, reduced_motion="reduce")
    tab = still.new_page()
    tab.goto("/")
    tab.get_by_role("link", name="Look and answer").click()
    assert tab.locator("meta[http-equiv=refresh]").count() == 0, "it would take away what somebody types"
    tab.get_by_label("Why").focus()
    tab.keyboard.type("not now")
    for key in ("Tab", "Tab", "Tab", "Enter"):
        tab.keyboard.press(key)
    tab.get_by_text("Rejected: nothing is done.").wait_for()
    still.close()
    moving = chromium.new_context(base_url=console, reduced_motion="reduce")
    tab = moving.new_page()
    tab.goto("/")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    names = "[...document.querySelectorAll('*')].map((one) => getComputedStyle(one).animationName)"
    assert set(tab.evaluate(names)) == {"none"}
    moving.close()


def test_without_a_sandbox_it_says_how_to_start_one_and_a_console_that_is_gone_is_noticed(
    chromium: Any, tmp_path: Path
) -> None:
    with running(tmp_path) as address:
        pictures(chromium, address, "no-sandbox", "/")
        tab = chromium.new_page(base_url=address)
        tab.goto("/")
        tab.get_by_text("Nothing to look at yet").wait_for()
        tab.get_by_text("No sandbox is running here.").wait_for()
    tab.get_by_text("The console does not answer any more.").wait_for()
    tab.close()


def test_afterwards_the_audit_is_intact(home: Path, console: str) -> None:
    del console
    said = edsr(home, "audit", "verify", "--json")
    assert json.loads(said.stdout)["intact"], said.stdout
