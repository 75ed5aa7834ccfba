"""The real machine waits for a person: who agrees, who does not, who is asked again, and who says nothing."""

from datetime import timedelta

import pytest

import approve.answer
from edsr.model import Kind, State
from tests import estate, policies
from tests.asking import ask, request
from tests.flow.conftest import Suite


@pytest.fixture
def asked(suite: Suite) -> str:
    """An incident about which a person was asked."""
    suite.rewrite(mode="approve")
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_until(incident, State.ASKED)
    return incident


def test_nothing_is_done_before_somebody_agrees_and_then_it_is(suite: Suite, asked: str) -> None:
    assert estate.version_of("checkout") == "2"
    assert suite.answer(asked, "ann") == (200, {"state": "APPROVED", "by": [policies.arn("ann")], "need": 1})
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(asked) == "SUCCEEDED"
    kinds = [record.kind for record in suite.records(asked)]
    assert kinds == [
        Kind.DECISION, Kind.PLAN, Kind.APPROVAL, Kind.APPROVAL, Kind.INTENT, Kind.OUTCOME, Kind.CLOSE,
    ]  # fmt: skip


def test_the_same_answer_again_changes_nothing_and_says_the_same(suite: Suite, asked: str) -> None:
    digest = suite.incident(asked).plan_digest
    assert suite.answer(asked, "ann") == suite.answer(asked, "ann", digest=digest)
    assert [record.kind for record in suite.records(asked)].count(Kind.APPROVAL) == 2


def test_a_no_ends_it_and_nothing_was_done(suite: Suite, asked: str) -> None:
    assert suite.answer(asked, "ann", "reject").said["state"] == "REJECTED"
    assert suite.finish(asked) == "SUCCEEDED"
    assert suite.incident(asked).state is State.ABORTED
    assert estate.version_of("checkout") == "2"


def test_a_yes_to_another_plan_counts_for_nothing(suite: Suite, asked: str) -> None:
    answer = suite.answer(asked, "ann", digest="0" * 64)
    assert (answer.status, "look at it again" in answer.why) == (403, True)
    assert suite.incident(asked).state is State.ASKED


def test_what_changed_meanwhile_is_asked_about_again(suite: Suite, asked: str) -> None:
    """The alias was moved after the plan was drawn: what was agreed to is not what would be done."""
    first = suite.incident(asked).plan_digest
    estate.client("lambda").update_alias(FunctionName="checkout", Name="live", Description="last-good=1 by hand")
    suite.answer(asked, "ann")
    until_again(suite, asked)
    assert suite.incident(asked).plan_digest != first
    assert estate.version_of("checkout") == "2"
    assert "look at it again" in suite.answer(asked, "ann", digest=first).why
    suite.answer(asked, "ann")
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(asked) == "SUCCEEDED"


def until_again(suite: Suite, incident: str) -> None:
    suite.wait_until(incident, State.ASKED)
    assert suite.incident(incident).asked == 2


def test_no_answer_in_time_is_a_no_that_a_person_hears_of(suite: Suite, asked: str) -> None:
    suite.sweep(timedelta(minutes=31))
    assert suite.finish(asked) == "FAILED"
    assert suite.incident(asked).state is State.ESCALATED
    assert suite.answer(asked, "ann").status == 403


def test_who_may_not_answer_for_the_service_changes_nothing_whatever_they_call_themselves(
    suite: Suite, asked: str
) -> None:
    answer = suite.answer(asked, f"arn:aws:iam::{estate.ACCOUNT}:user/visitor/ann")
    assert (answer.status, "may not answer for" in answer.why) == (403, True)
    said = {"inc": asked, "digest": suite.incident(asked).plan_digest, "answer": "approve"}
    named = ask(approve.answer.handler, suite.library, request("ann", "/answers", **said, by="bob"))
    assert (named.status, named.why) == (400, "by: Extra inputs are not permitted")
    by_hand = ask(approve.answer.handler, suite.library, {**said, "by": policies.arn("ann")})
    assert (by_hand.status, "only through the route" in by_hand.why) == (403, True)
    assert suite.incident(asked).state is State.ASKED


def test_who_answers_is_written_down_as_aws_called_them(suite: Suite, asked: str) -> None:
    suite.answer(asked, "ann")
    answered = suite.records(asked)[-1]
    assert (answered.actor, answered.body["caller"]) == (policies.arn("ann"), policies.arn("ann"))
