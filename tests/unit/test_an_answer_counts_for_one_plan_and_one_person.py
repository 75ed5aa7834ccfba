"""Approvals: who may agree, to what, until when, and with which conditions each answer is written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edsr.errors import Refused, Stale
from edsr.model import State
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.protocol.approval import (
    MOST,
    Answer,
    Asking,
    agree,
    ask,
    ask_again,
    delivered,
    expire,
    last,
    refuse,
    reject,
)
from edsr.protocol.incident import Incident
from edsr.times import epoch
from tests.things import AT, a_policy, an_incident
from tests.unit.attempts import by_label, values

NOW = epoch(AT)
DIGEST = "d" * 64
PENDING = "#st = :pending AND #expires_at > :now AND #digest = :digest AND #requester <> :me"


def planned(**changes: Any) -> Incident:
    return an_incident(**{"state": State.PLANNED, "asks": True, "plan_digest": DIGEST} | changes)


def asked(**approval: Any) -> Policy:
    return a_policy(safeguards={"approval": approval})


def asking(**changes: Any) -> Asking:
    """What stands once the plan was asked about: the first token, nobody has answered."""
    item = by_label(ask(planned(), "token-1", 0, AT))["APR"].item or {}
    return replace(Asking.of({"sk": "APR#1", **item}), **changes)


def waiting() -> Incident:
    return planned(state=State.ASKED, asked=1)


def test_to_ask_is_to_move_the_incident_keep_the_token_and_record_it_for_this_plan_only() -> None:
    writes = by_label(ask(planned(), "token-1", 0, AT))
    assert list(writes) == ["APR", "HEAD", "REC"]
    assert (writes["APR"].condition, writes["APR"].key) == (
        "attribute_not_exists(#pk)", keys.approval(planned().id, 1),
    )  # fmt: skip
    assert writes["HEAD"].condition.endswith("#st IN (:when0) AND #plan_digest = :digest")
    said = values(writes["HEAD"])
    assert (said[":when0"], said[":to"], said[":digest"], said[":asked"]) == ("PLANNED", "ASKED", DIGEST, 1)
    record = writes["REC"].item or {}
    assert (record["kind"], record["body"]["expires_at"], record["body"]["need"]) == ("APPROVAL", NOW + 1800, 1)
    assert "token-1" not in str(record), "the task's token never leaves the backend"


@pytest.mark.parametrize(
    ("expires", "deadline", "seconds"),
    [("PT10M", 7200, 600), ("PT1H", 7200, 3600), ("PT1H", 7200, 3660 - 60), ("PT1H", 900, 900)],
)
def test_an_answer_is_waited_for_until_the_first_of_the_policys_time_the_tasks_and_the_deadline(
    expires: str, deadline: int, seconds: int
) -> None:
    incident = planned(policy=asked(expires=expires), deadline=NOW + deadline)
    item = by_label(ask(incident, "t", 0, AT))["APR"].item or {}
    assert item["expires_at"] == NOW + min(seconds, 3660)


def test_a_plan_that_is_another_each_time_is_asked_about_three_times_and_no_more() -> None:
    assert by_label(ask(planned(asked=MOST - 1), "t", 0, AT))["APR"].key.sk == f"APR#{MOST}"
    with pytest.raises(Stale, match="was another each of 3 times it was drawn"):
        ask(planned(asked=MOST), "t", 0, AT)


def test_a_task_that_is_tried_again_only_brings_a_newer_token_and_has_yet_to_be_told() -> None:
    (write,) = ask_again(waiting(), asking(), "token-2", 1)
    assert (write.label, write.condition) == ("APR", "#token_attempt < :attempt")
    assert values(write) == {":attempt": 1, ":token": "token-2", ":false": False}
    (told,) = delivered(waiting().id, asking(token_attempt=1))
    assert (told.condition, values(told)[":attempt"]) == ("#token_attempt = :attempt", 1)


def test_one_yes_of_one_that_is_needed_lets_the_plan_run() -> None:
    writes = by_label(agree(waiting(), asking(), "ann", DIGEST, AT))
    assert list(writes) == ["APR", "HEAD", "REC"]
    assert writes["APR"].condition == f"{PENDING} AND attribute_not_exists(#approvers)"
    assert writes["APR"].update == "ADD #approvers :one SET #st = :approved"
    assert (values(writes["APR"])[":digest"], values(writes["APR"])[":now"]) == (DIGEST, NOW)
    assert writes["HEAD"].condition.endswith("AND #st IN (:when0) AND #plan_digest = :digest")
    assert (values(writes["HEAD"])[":when0"], values(writes["HEAD"])[":to"]) == ("ASKED", "APPROVED")
    assert values(writes["HEAD"])[":check"] == NOW, "somebody looks at once whether its task was told"
    assert (writes["REC"].item or {})["actor"] == "ann"


def test_of_two_that_are_needed_the_first_lets_nothing_run_and_the_second_has_to_be_another() -> None:
    first = by_label(agree(waiting(), asking(need=2), "ann", DIGEST, AT))
    assert first["APR"].update == "ADD #approvers :one"
    assert values(first["HEAD"])[":to"] == "ASKED"
    second = by_label(agree(waiting(), asking(need=2, approvers=frozenset({"ann"})), "bob", DIGEST, AT))
    assert second["APR"].condition == f"{PENDING} AND size(#approvers) = :count AND NOT contains(#approvers, :me)"
    assert (values(second["APR"])[":count"], values(second["HEAD"])[":to"]) == (1, "APPROVED")
    again = by_label(agree(waiting(), asking(need=2, approvers=frozenset({"ann"})), "ann", DIGEST, AT))
    assert "NOT contains(#approvers, :me)" in again["APR"].condition, "the same person twice is held by the table"


def test_one_no_is_enough_whoever_agreed_before() -> None:
    writes = by_label(reject(waiting(), asking(need=3, approvers=frozenset({"ann", "bob"})), "eve", DIGEST, AT))
    assert (writes["APR"].condition, writes["APR"].update) == (PENDING, "SET #st = :rejected, #rejected_by = :me")
    assert (writes["REC"].item or {})["body"]["answer"] == "rejected"


def test_what_came_by_a_form_spends_its_nonce_with_the_answer_and_says_so() -> None:
    by_form = {"form": "0f"}
    yes = by_label(agree(waiting(), asking(), "ann", DIGEST, AT, by_form))
    assert yes["APR"].condition == (f"{PENDING} AND NOT contains(#spent, :form) AND attribute_not_exists(#approvers)")
    assert yes["APR"].update == "ADD #approvers :one, #spent :forms SET #st = :approved"
    no = by_label(reject(waiting(), asking(), "ann", DIGEST, AT, by_form))
    assert no["APR"].condition == f"{PENDING} AND NOT contains(#spent, :form)"
    assert no["APR"].update == "SET #st = :rejected, #rejected_by = :me ADD #spent :forms"
    for writes in (yes, no):
        assert (values(writes["APR"])[":form"], values(writes["APR"])[":forms"]) == ("0f", {"0f"})
        assert (writes["REC"].item or {})["body"]["form"] == "0f"


def test_no_answer_in_time_is_written_only_while_none_has_come_and_the_time_is_over() -> None:
    writes = by_label(expire(waiting(), asking(), AT))
    assert writes["APR"].condition == "#st = :pending AND #expires_at <= :now"
    assert ((writes["REC"].item or {})["actor"], values(writes["APR"])[":expired"]) == ("sweep", "EXPIRED")


@pytest.mark.parametrize(
    ("changes", "by", "digest", "why"),
    [
        ({"st": Answer.APPROVED}, "ann", DIGEST, "it was answered before: APPROVED"),
        ({"st": Answer.REJECTED}, "ann", DIGEST, "it was answered before: REJECTED"),
        ({"st": Answer.EXPIRED}, "ann", DIGEST, "it was answered before: EXPIRED"),
        ({"expires_at": NOW}, "ann", DIGEST, "the time to answer is over, and no answer means no"),
        ({}, "ann", "e" * 64, "that answer is for plan eeeeeeeeeeee; asked about is dddddddddddd: look at it again"),
        ({}, "edsr", DIGEST, "edsr asked for it, so somebody else has to agree"),
    ],
)
def test_an_answer_that_cannot_count_is_refused_with_the_reason(
    changes: dict[str, Any], by: str, digest: str, why: str
) -> None:
    for answer in (agree, reject):
        with pytest.raises(Refused, match=why):
            answer(waiting(), asking(**changes), by, digest, AT)


def test_an_answer_in_the_last_second_counts() -> None:
    refuse(asking(expires_at=NOW + 1), "ann", DIGEST, AT)
    with pytest.raises(Refused):
        refuse(asking(expires_at=NOW + 1), "ann", DIGEST, AT + timedelta(seconds=1))


def test_the_latest_asking_is_the_one_that_is_answered() -> None:
    item = by_label(ask(planned(), "t", 0, AT))["APR"].item or {}
    items = {f"APR#{n}": {"sk": f"APR#{n}", **item} for n in (10, 2, 9)}
    found = last({**items, "HEAD": {"sk": "HEAD"}})
    assert found is not None
    assert found.number == 10
    assert last({}) is None
