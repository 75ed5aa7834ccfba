"""The real machine waits, and a person answers on the page: the step is taken once, and for that plan only."""

import pytest

from edsr.model import Kind, State
from tests import browsing, estate
from tests.browsing import ASKED, PAGE, Browser, World
from tests.flow.conftest import Suite


@pytest.fixture
def asked(suite: Suite) -> str:
    """An incident about which a person was asked."""
    suite.rewrite(mode="approve")
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_until(incident, State.ASKED)
    return incident


@pytest.fixture
def browser(suite: Suite) -> Browser:
    """Of somebody who will have signed in."""
    key = estate.client("kms").create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["Arn"]
    given, handler = ASKED.model_copy(update={"page_key": key}), browsing.asks()
    return Browser(World(lambda event: estate.call(handler, event, given, suite.library)))


def test_what_is_approved_on_the_page_is_done_once_and_a_second_answer_refused(
    suite: Suite, asked: str, browser: Browser
) -> None:
    path = f"/approvals/{asked}"
    shown = browser.open(path)["body"]
    assert suite.incident(asked).state is State.ASKED, "to look changes nothing"
    assert browser.send(path, shown)["headers"]["location"] == PAGE + path
    again = browser.send(path, shown)
    assert (again["statusCode"], "was sent before" in again["body"]) == (403, True)
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(asked) == "SUCCEEDED"
    kinds = [record.kind for record in suite.records(asked)]
    assert (kinds.count(Kind.INTENT), kinds.count(Kind.OUTCOME)) == (1, 1)


def test_a_plan_that_changed_since_the_page_was_opened_is_refused(suite: Suite, asked: str, browser: Browser) -> None:
    path = f"/approvals/{asked}"
    shown = browser.open(path)["body"]
    estate.client("lambda").update_alias(FunctionName="checkout", Name="live", Description="last-good=1 by hand")
    suite.answer(asked, "bob")
    suite.wait_until(asked, State.ASKED)
    late = browser.send(path, shown)
    assert (late["statusCode"], "drawn again" in late["body"]) == (403, True)
    assert suite.incident(asked).state is State.ASKED
    assert estate.version_of("checkout") == "2"
