"""CLOSE on DynamoDB: what an end costs, what it may not hide, and what it does to the breaker and to everything."""

from typing import Any

import boto3
import pytest

from edsr.errors import Refused
from edsr.model import State
from edsr.policy import Policy
from edsr.protocol import keys
from edsr.protocol.controls import release
from edsr.times import epoch
from tests import estate
from tests.aws.conftest import Workshop, a_result, another
from tests.aws.services import Crash, crash
from tests.things import a_policy

BREAKER = keys.breaker("lambda-canary-rollback", "checkout")
WORSE: dict[str, Any] = {"judged": "worse", "observed": "ALARM"}


def crowded(policy: str = "lambda-canary-rollback") -> Policy:
    """A policy of which many incidents may act at once."""
    return a_policy(id=policy, safeguards={"concurrency": {"max": 9}})


def counted(shop: Workshop) -> list[str]:
    """From here on DynamoDB's calls are counted; gives the list they are put in."""
    calls: list[str] = []
    client = boto3.client("dynamodb", region_name=estate.REGION)
    client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    shop.others["dynamodb"] = client
    return calls


def well(shop: Workshop) -> dict[str, Any]:
    """The step is taken, and judged better."""
    return a_result(stands=shop.act()["stands"])


def goes_wrong(shop: Workshop, to: str = "ESCALATED", **judged: Any) -> str:
    """The step is taken, and does no good."""
    shop.act()
    return shop.end(to, [a_result(**{"judged": "unknown"} | judged)])


def test_where_all_went_well_the_end_is_one_call(workshop: Workshop) -> None:
    result = well(workshop)
    calls = counted(workshop)
    assert workshop.end("RESOLVED", [result]) == "RESOLVED"
    assert calls == ["TransactWriteItems"]
    assert workshop.kinds()[-1] == "CLOSE"
    assert "owner" not in workshop.item(keys.lock(workshop.target))


def test_what_is_not_as_the_execution_knows_it_is_looked_up_and_ended_once(workshop: Workshop) -> None:
    result = well(workshop)
    result["stands"] = result["stands"] | {"hash": "0" * 64}
    calls = counted(workshop)
    assert workshop.end("RESOLVED", [result]) == "RESOLVED"
    assert calls[0] == calls[-1] == "TransactWriteItems"
    assert workshop.kinds().count("CLOSE") == 1
    assert workshop.end("RESOLVED", [result]) == "RESOLVED"
    assert workshop.kinds().count("CLOSE") == 1


@pytest.mark.parametrize(
    "changes",
    [{"status": "RECOVERED"}, {"judged": "unknown"}, {"stands": None}, {"status": "UNKNOWN"}],
    ids=str,
)
def test_what_did_not_plainly_go_well_is_looked_up(workshop: Workshop, changes: dict[str, Any]) -> None:
    result = well(workshop) | changes
    calls = counted(workshop)
    workshop.end("RESOLVED", [result])
    assert calls[0] == "Query"


@pytest.mark.parametrize("to", ["RESOLVED", "ABORTED", "HOLDING"])
def test_no_end_is_well_while_nobody_knows_what_came_of_a_step(workshop: Workshop, to: str) -> None:
    workshop.aliases.after = crash
    with pytest.raises(Crash):
        workshop.act()
    assert workshop.end(to, [a_result(status="UNKNOWN", judged="better")]) == "ESCALATED"
    assert "nobody knows what came of step 1" in workshop.records()[-1].body["reason"]


def test_two_failures_open_the_breaker_and_the_third_incident_is_refused(workshop: Workshop) -> None:
    goes_wrong(workshop)
    assert workshop.item(BREAKER)["state"] == "closed"
    goes_wrong(another(workshop))
    assert workshop.item(BREAKER)["state"] == "open"
    third = another(workshop, "third")
    with pytest.raises(Refused, match="the breaker of lambda-canary-rollback on checkout is open"):
        third.act()


def test_a_success_after_a_failure_is_looked_up_and_counts(workshop: Workshop) -> None:
    goes_wrong(workshop)
    basket = another(workshop)
    result = well(basket)
    assert result["stands"]["quiet"] is False
    basket.end("RESOLVED", [result])
    assert workshop.item(BREAKER)["fails"] == 0


@pytest.mark.parametrize("to", ["ESCALATED", "ABORTED"])
def test_an_incident_that_never_acted_says_nothing_about_its_policy(workshop: Workshop, to: str) -> None:
    assert workshop.end(to, [a_result(status="REFUSED", judged="unknown")]) == to
    assert workshop.item(BREAKER) == {}


def test_one_owner_tries_an_open_breaker_and_frees_it_however_it_ends(workshop: Workshop) -> None:
    goes_wrong(workshop, **WORSE)
    workshop.clock.tick(seconds=901)
    second, third = (
        another(workshop, "second"),
        another(workshop, "third", crowded()),
    )
    second.act()
    with pytest.raises(Refused, match=f"is half open, and {second.incident_id} is trying"):
        third.act()
    second.end("ABORTED", [a_result(status="REFUSED", judged="unknown")])
    assert third.act()["status"] == "DONE"
    third.end("RESOLVED", [a_result()])
    item = workshop.item(BREAKER)
    assert (item["state"], item["successes"]) == ("half", 1)


def worse(shop: Workshop, name: str, policy: str) -> Workshop:
    """An incident of a policy makes it worse."""
    made = another(shop, name, crowded(policy))
    goes_wrong(made, **WORSE)
    return made


def test_one_policy_that_makes_it_worse_twice_stops_itself_and_nobody_else(workshop: Workshop) -> None:
    worse(workshop, "one", "first-policy")
    workshop.clock.tick(seconds=901)
    worse(workshop, "two", "first-policy")
    assert workshop.item(keys.switch(0))["engaged"] == {}
    assert set(workshop.item(keys.REGRESSIONS)["seen"]) == {"first-policy"}
    assert workshop.item(keys.breaker("first-policy", "checkout"))["cooldown"] == 1800


def test_two_policies_that_make_it_worse_within_the_hour_stop_everything_and_undoing_goes_on(
    workshop: Workshop,
) -> None:
    worse(workshop, "one", "first-policy")
    workshop.clock.tick(minutes=59)
    undoing = another(workshop, "undoing", crowded("third-policy"))
    undoing.act()
    second = another(workshop, "two", crowded("second-policy"))
    goes_wrong(second, **WORSE)
    said = {number: workshop.item(keys.switch(number))["engaged"]["all"] for number in range(16)}
    assert {(item["by"], item["undo"]) for item in said.values()} == {("edsr", True)}
    assert said[0]["reason"] == "first-policy and second-policy made it worse within 1:00:00"
    (record,) = workshop.controls()
    assert (record.actor, record.body["incident"]) == ("edsr", second.incident_id)
    with pytest.raises(Refused, match="the kill switch is engaged"):
        another(workshop, "fourth", crowded("fourth-policy")).act()
    assert undoing.act(direction="revert")["status"] == "DONE"
    assert release(workshop.store, "all", by="ann", reason="found it", clock=workshop.clock) is False


def test_two_policies_more_than_an_hour_apart_stop_nothing(workshop: Workshop) -> None:
    worse(workshop, "one", "first-policy")
    workshop.clock.tick(hours=1)
    worse(workshop, "two", "second-policy")
    assert workshop.item(keys.switch(0))["engaged"] == {}


def test_what_was_undone_is_remembered_on_the_subject_and_counts_as_a_regression(workshop: Workshop) -> None:
    workshop.act()
    workshop.act(direction="revert")
    first, second = [a_result(**WORSE)], [a_result(direction="revert")]
    assert workshop.end("ESCALATED", first, second, direction="revert") == "REVERTED"
    guard = workshop.item(keys.guard(workshop.target))
    assert guard["undone"] == {"lambda-alias-rollback": epoch(workshop.clock.now)}
    assert workshop.item(BREAKER)["state"] == "open"
    assert workshop.incident.state is State.REVERTED
