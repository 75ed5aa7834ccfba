"""What the commands show of approvals, the switch and latches, read from the tables and asked of the functions."""

from datetime import UTC, datetime
from typing import Any

import pytest
import typer

from cli import approvals, latches, switch
from cli.account import Account
from cli.errors import Declined, Unavailable
from cli.route import ask, local
from edsr.model import State
from edsr.protocol import keys
from edsr.protocol.approval import Answer
from infra.parts.names import PEOPLE_PARAMETER
from tests import estate
from tests.flow.conftest import Suite
from tests.things import ALIAS

HERE = Account("sandbox", estate.client, is_sandbox=True)
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def asked(suite: Suite) -> str:
    """An incident about which two people are asked."""
    url = f"https://{estate.ROUTE.route}.execute-api.example"
    estate.client("ssm").put_parameter(Name=PEOPLE_PARAMETER, Value=url, Type="String")
    suite.rewrite(mode="approve", safeguards={"approval": {"quorum": 2}})
    incident = suite.alarm()["incident"]
    suite.decide()
    suite.wait_until(incident, State.ASKED)
    return incident


def answer(incident: str, who: str, said: str = "approve") -> dict[str, Any]:
    digest = approvals.one(HERE, incident)[1].digest
    return ask(HERE, "/answers", {"inc": incident, "digest": digest, "answer": said}, who)


def test_what_waits_is_listed_with_who_has_agreed_and_until_when_but_without_its_token(asked: str) -> None:
    answer(asked, "ann")
    ((case, asking),) = approvals.pending(HERE)
    said = approvals.summary(case, asking)
    assert (said["id"], said["agreed"], said["need"], said["answer"]) == (asked, [local("ann")], 2, "PENDING")
    assert said["until"] > said["detected_at"]
    assert asking.task_token
    assert asking.task_token not in str(said)


def test_a_step_is_shown_with_what_it_finds_and_what_it_would_reach(asked: str) -> None:
    (step,) = approvals.one(HERE, asked)[0].steps
    assert (step.pre["version"], approvals.after(step)) == ("2", {"version": "1", "weights": {}})


def test_two_people_agree_and_it_is_done_and_the_same_one_twice_is_one(suite: Suite, asked: str) -> None:
    assert [answer(asked, who)["state"] for who in ("ann", "ann")] == ["PENDING", "PENDING"]
    assert estate.version_of("checkout") == "2"
    assert answer(asked, "bob")["state"] == "APPROVED"
    suite.wait_for("1")
    estate.set_alarm("canary-checkout-errors", "OK")
    assert suite.finish(asked) == "SUCCEEDED"
    assert approvals.pending(HERE) == []
    answered = [record.body for record in suite.records(asked) if "answer" in record.body]
    assert [(body["by"], body["caller"]) for body in answered] == [(local(who), local(who)) for who in ("ann", "bob")]


def test_who_looked_at_another_plan_looks_again_and_a_short_name_of_it_is_none(asked: str) -> None:
    _, asking = approvals.one(HERE, asked)
    assert approvals.whole(asking, asking.digest[:12]) == asking.digest
    for plan in ("0" * 12, asking.digest[:11]):
        with pytest.raises(Declined, match="look at it with `edsr approvals show`"):
            approvals.whole(asking, plan)


def test_a_second_no_after_the_first_is_told_that_it_is_over(suite: Suite, asked: str) -> None:
    assert answer(asked, "ann", "reject")["state"] == Answer.REJECTED
    assert suite.finish(asked) == "SUCCEEDED"
    with pytest.raises(Declined, match="ABORTED: there is nothing to answer any more"):
        answer(asked, "bob", "reject")


def test_of_what_nobody_was_asked_it_is_said_where_to_look(suite: Suite) -> None:
    del suite
    with pytest.raises(Unavailable, match="nobody was asked about i-none; `edsr approvals list`"):
        approvals.one(HERE, "i-none")


def test_pulled_between_the_question_and_the_answer_nothing_is_done(suite: Suite, asked: str) -> None:
    ask(HERE, "/switch", {"do": "off", "scope": "service:checkout", "reason": "it flaps"}, "ann")
    for who in ("ann", "bob"):
        answer(asked, who)
    assert suite.finish(asked) == "SUCCEEDED"
    assert (suite.incident(asked).state, estate.version_of("checkout")) == (State.ABORTED, "2")
    assert "kill switch is engaged (service:checkout)" in suite.records(asked)[-1].body["reason"]


def test_what_is_stopped_is_shown_with_who_why_and_how_it_ends(asked: str) -> None:
    del asked
    end = 2_000_000_000
    said = {"do": "off", "scope": "service:checkout", "reason": "it flaps", "until": end, "undo": True}
    ask(HERE, "/switch", said, "ann")
    ask(HERE, "/switch", {"do": "off", "scope": "all", "reason": "all of it"}, "ann")
    ask(HERE, "/switch", {"do": "on", "scope": "all", "reason": "mended"}, "bob")
    found = switch.stopped(HERE)
    assert found["lost"] == 0
    assert list(found["engaged"]) == ["all", "service:checkout"]
    assert found["engaged"]["all"]["release_asked_by"] == local("bob")
    one = found["engaged"]["service:checkout"]
    assert (one["by"], one["reason"], one["undo"]) == (local("ann"), "it flaps", True)
    assert one["until"] == "2033-05-18T03:33:20.000Z"


def test_a_copy_that_is_lost_is_counted(suite: Suite) -> None:
    del suite
    key = keys.switch(5)
    estate.client("dynamodb").delete_item(TableName="edsr-state", Key={"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}})
    assert switch.stopped(HERE) == {"engaged": {}, "lost": 1}


def test_what_is_latched_is_listed_by_the_name_that_releases_it(asked: str) -> None:
    del asked
    dynamodb = estate.client("dynamodb")
    denied, circled = keys.latch("shift-alias", estate.ACCOUNT), keys.guard(ALIAS)
    for key, said in (
        (denied, {"state": {"S": "open"}, "incident": {"S": "i-1"}, "at": {"N": "1772420700"}}),
        (circled, {"latched": {"S": "i-2"}}),
    ):
        dynamodb.put_item(TableName="edsr-state", Item={"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}, **said})
    found = latches.every(HERE)
    names = [f"action:shift-alias:{estate.ACCOUNT}", f"subject:{ALIAS}"]
    assert [(one["latch"], one["incident"]) for one in found] == list(zip(names, ("i-1", "i-2"), strict=True))
    assert found[0]["since"] == "2026-03-02T03:05:00.000Z"
    for name in names:
        ask(HERE, "/latches", {"latch": name, "reason": "the role was mended"}, "ann")
    assert latches.every(HERE) == []


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30m", "2026-03-02T12:30"),
        ("2h", "2026-03-02T14:00"),
        ("1d", "2026-03-03T12:00"),
        ("PT45M", "2026-03-02T12:45"),
        ("2026-03-02T18:00+02:00", "2026-03-02T16:00"),
    ],
)
def test_an_end_is_written_as_people_write_it(text: str, at: str) -> None:
    assert f"{switch.moment(text, NOW):%Y-%m-%dT%H:%M}" == at


@pytest.mark.parametrize("text", ["", "soon", "30", "18:00", "2026-03-02T18:00", "PT0S", "P2Y"])
def test_an_end_that_cannot_be_read_is_wrong_usage(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no time: write 30m, 2h, or"):
        switch.moment(text, NOW)
