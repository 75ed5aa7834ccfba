"""What people do at the console is done as by the commands: for the plan they looked at, in their name, on record."""

from cli import approvals
from cli.route import local
from cli.switch import stopped
from edsr.model import State
from infra.parts.names import PEOPLE_PARAMETER
from tests import estate
from tests.console import AT_HOME, Browser, Page
from tests.flow.conftest import Suite, told


def asked(suite: Suite, need: int = 1) -> str:
    """An incident about which so many people are asked."""
    told(PEOPLE_PARAMETER, f"https://{estate.ROUTE.route}.execute-api.example")
    suite.rewrite(mode="approve", safeguards={"approval": {"quorum": need}})
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_until(incident, State.ASKED)
    return incident


def test_who_looks_sees_what_waits_agrees_to_it_and_it_is_done_in_their_name(suite: Suite) -> None:
    incident, browser = asked(suite), Browser()
    page, form = f"/incidents/{incident}", f"/incidents/{incident}/answer"
    assert page in browser.get("/").text
    assert "(1) Incidents" in browser.page("/").text
    looked = browser.page(page)
    assert "May it do this?" in looked.text
    assert "version 2 → 1" in looked.text
    assert approvals.one(browser.account, incident)[1].task_token not in browser.get(page).text
    without = browser.send(page, form, answer="reject")
    assert (without.status_code, "say why" in without.text) == (409, True)
    other = browser.send(page, form, answer="approve", plan="0" * 64)
    assert (other.status_code, "asked about is plan" in other.text) == (409, True)
    assert estate.version_of("checkout") == "2", "nothing is done before somebody agrees"
    done = browser.send(page, form, answer="approve", reason="it is the release", who="bob")
    assert (done.status_code, "Agreed" in done.text) == (200, True)
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(incident) == "SUCCEEDED"
    (answer,) = [record for record in suite.records(incident) if "answer" in record.body]
    assert (answer.body["caller"], answer.body["reason"]) == (local("bob"), "it is the release")
    after = browser.page(page)
    assert form not in after.forms
    assert "RESOLVED" in after.text
    label = f"/incidents/{incident}/label"
    assert "measures count it so" in browser.send(page, label, label="true-positive", reason="it was bad").text
    assert "An operator says true-positive" in browser.page(page).text
    policy = browser.page("/policies/lambda-canary-rollback").text
    assert "Precision, as labelled 100 %" in policy
    assert browser.send(page, label, label="nonsense", reason="it was bad").status_code == 400
    late = browser.post(form, looked.forms[form] | {"answer": "approve"})
    assert late.status_code == 409


def test_one_no_is_enough_and_the_next_form_knows_who_asked(suite: Suite) -> None:
    incident, browser = asked(suite, need=2), Browser()
    page, form = f"/incidents/{incident}", f"/incidents/{incident}/answer"
    assert "still waits" in browser.send(page, form, answer="approve", who="bob").text
    assert "1 of 2 agreed" in browser.page(page).text
    assert browser.page(page).forms[form]["who"] == "bob"
    assert "Rejected" in browser.send(page, form, answer="reject", reason="not now", who="cleo").text
    assert suite.finish(incident) == "SUCCEEDED"
    assert suite.incident(incident).state is State.ABORTED
    assert estate.version_of("checkout") == "2"


def test_the_switch_is_pulled_for_one_scope_and_let_go_and_for_all_by_two(suite: Suite) -> None:
    del suite
    told(PEOPLE_PARAMETER, f"https://{estate.ROUTE.route}.execute-api.example")
    browser = Browser()

    def stop(**said: str) -> str:
        answer = browser.send("/switch", "/switch/off", **said)
        assert answer.status_code in (200, 409)
        return Page(answer.text).text

    assert "Stopped" in stop(scope="service:checkout", reason="it flaps", until="2h", undo="on", who="ann")
    engaged = stopped(browser.account)["engaged"]["service:checkout"]
    assert (engaged["by"], engaged["reason"], engaged["undo"]) == (local("ann"), "it flaps", True)
    assert engaged["until"] > engaged["since"]
    assert "1 stopped" in browser.page("/").text
    assert "did you mean service:checkout" in stop(scope="service:chekout", reason="it flaps")
    assert "write 30m, 2h" in stop(scope="service:checkout", reason="it flaps", until="soon")
    assert "say why" in stop(scope="service:checkout", reason=" ")
    assert "does not end by itself" in stop(scope="all", reason="a drill", until="2h")
    assert "Released" in browser.send("/switch", "/switch/on", reason="mended").text
    assert "Everything is stopped" in stop(scope="all", reason="a drill", who="ann")
    assert "second person" in browser.send("/switch", "/switch/on", reason="it is over", who="ann").text
    twice = browser.send("/switch", "/switch/on", reason="it is over", who="ann")
    assert (twice.status_code, "has released all already" in twice.text) == (409, True)
    assert "everything stopped" in browser.page("/").text
    browser.send("/switch", "/switch/on", reason="it is over", who="bob")
    assert stopped(browser.account)["engaged"] == {}
    assert "automation on" in browser.page("/").text


def test_a_name_that_no_user_can_have_asks_for_nothing(suite: Suite) -> None:
    del suite
    browser = Browser()
    filled = browser.page("/switch").forms["/switch/off"] | {"scope": "all", "reason": "because"}
    for who in ("a b", "../x", "x" * 65, "ann\n", "<b>"):
        assert browser.post("/switch/off", filled | {"who": who}).status_code == 400, who
    assert browser.client.get("/", base_url=AT_HOME).status_code == 200
    assert stopped(browser.account)["engaged"] == {}
