"""A temporary measure holds its incident open, frees everything else, and is undone, renewed, or a person is told."""

from typing import Any

import pytest

import act.actuators.shift_alias as shift
import plan.handler
import sweep.handler
from act.hands import Hands
from act.step import actuator
from edsr.aws.readers import lambda_alias
from edsr.errors import Gone, Refused
from edsr.model import State
from edsr.policy import Library
from edsr.protocol import keys
from edsr.times import epoch, iso
from tests import estate
from tests.aws.conftest import Workshop, a_result, admitted
from tests.aws.test_the_sweep_leaves_nothing_behind import SETTINGS, Executions
from tests.things import ALIAS, AT, a_playbook

LASTS = 600
STEP = {"action": "shift-alias", "target.$": "subject.arn", "with": {"to": "1"}, "lasts": "PT10M", "renew": 1}
BETTER, STILL_BAD = a_result(direction="revert"), a_result(direction="revert", status="NOOP", judged="worse")


@pytest.fixture
def running(aws: None, library: Library) -> Workshop:  # noqa: ARG001 - moto has to answer first
    """An incident whose measure has just been taken."""
    estate.make_tables()
    known = library.catalogue()
    entry = known.actions["shift-alias"].model_copy(update={"restores": False})
    playbook = a_playbook(stages=[{"steps": [STEP]}])
    made = admitted(
        library, estate.Clock(AT), playbook=playbook, catalogue=known.model_copy(update={"actions": {entry.id: entry}})
    )
    hands = Hands(lambda_alias.observe, shift.goal, shift.guard, shift.apply)
    made.handler = actuator(shift.ACTION.model_copy(update={"restores": False}), hands)
    made.act()
    return made


@pytest.fixture
def shop(running: Workshop) -> Workshop:
    """An incident whose measure is in place, and that was left holding."""
    assert running.end("RESOLVED", [a_result()]) == "HOLDING"
    running.others["stepfunctions"] = Executions(**{running.incident_id: "SUCCEEDED"})
    return running


def measure(shop: Workshop) -> dict[str, Any]:
    return shop.item(keys.measure(shop.incident_id, 1))


def run_to_end(shop: Workshop) -> dict[str, Any]:
    """The plan of the run that ends measures."""
    said: dict[str, Any] = shop.call(plan.handler.handler, inc=shop.incident_id, direction="apply")["plan"]
    return said


def held(shop: Workshop, *results: dict[str, Any]) -> str:
    """That run found it still bad, or nothing to do."""
    return shop.end("HOLDING", list(results), direction="expire")


def swept(shop: Workshop, **later: float) -> list[str]:
    """The sweep comes by; gives the runs that it started."""
    shop.clock.tick(**later)
    before = len(shop.others["stepfunctions"].started)
    shop.call(sweep.handler.handler, SETTINGS)
    return [said["name"] for said in shop.others["stepfunctions"].started[before:]]


def test_what_lasts_leaves_the_incident_holding_and_frees_all_else(shop: Workshop) -> None:
    assert measure(shop) | {"expires_at": epoch(AT) + LASTS, "lasts": LASTS, "renewals": 0, "max": 1} == measure(shop)
    assert "owner" not in shop.item(keys.lock(ALIAS))
    assert "holders" not in shop.item(keys.slots("service:checkout"))
    assert "inc_id" not in shop.item(keys.guard(ALIAS))
    item = shop.item(keys.incident(shop.incident_id))
    assert (item["st"], item["holds"], item["next_check_at"]) == ("HOLDING", 1, epoch(AT) + LASTS)


def test_when_its_time_is_over_the_sweep_starts_one_run_to_end_it(shop: Workshop) -> None:
    assert swept(shop, minutes=9) == []
    assert swept(shop, minutes=1, seconds=1) == [f"{shop.incident_id}-x1"]
    assert swept(shop, minutes=3) == []


class Lagging:
    """A DynamoDB whose index still shows an incident as it stood before."""

    def __init__(self, shop: Workshop) -> None:
        self.shop = shop

    def __getattr__(self, name: str) -> Any:
        return getattr(estate.client("dynamodb"), name)

    def get_paginator(self, _operation: str) -> Any:
        return self

    def paginate(self, **said: Any) -> Any:
        if said.get("IndexName") and said["ExpressionAttributeValues"][":shard"]["S"].startswith("open#"):
            return [{"Items": [{"pk": {"S": f"INC#{self.shop.incident_id}"}}]}]
        return estate.client("dynamodb").get_paginator("query").paginate(**said)


def test_an_index_that_lags_behind_starts_no_run_before_its_time(shop: Workshop) -> None:
    shop.others["dynamodb"] = Lagging(shop)
    assert swept(shop, minutes=5) == []


def test_a_sweep_that_looked_just_before_it_was_renewed_does_not_look_again_before_its_time(shop: Workshop) -> None:
    swept(shop, minutes=10, seconds=1)
    executions = shop.others["stepfunctions"]

    class Ending(Executions):
        def describe_execution(self, executionArn: str) -> dict[str, str]:  # noqa: N803 - as AWS spells it
            said = super().describe_execution(executionArn)
            held(shop, STILL_BAD)
            return said

    shop.others["stepfunctions"] = Ending(**executions.statuses)
    swept(shop, minutes=3)
    assert shop.item(keys.incident(shop.incident_id))["next_check_at"] == epoch(shop.clock.now) + LASTS


def test_before_its_time_is_over_there_is_nothing_to_undo(shop: Workshop) -> None:
    shop.clock.tick(minutes=9)
    assert run_to_end(shop) == {"direction": "expire", "stages": [], "count": 0, "next": 0, "asks": False}
    assert held(shop) == "HOLDING"
    assert measure(shop)["renewals"] == 0


def test_that_run_looks_first_and_undoes_what_is_not_needed_any_more(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    ((pointer,),) = [stage["steps"] for stage in run_to_end(shop)["stages"]]
    assert (pointer["first"], pointer["direction"], pointer["since"]) == (True, "revert", iso(AT))
    assert shop.act(direction="revert")["status"] == "DONE"
    assert shop.end("RESOLVED", [BETTER], direction="expire") == "RESOLVED"
    assert (shop.aliases.version, shop.incident.state) == ("2", State.RESOLVED)
    assert "inc_id" not in shop.item(keys.guard(ALIAS))
    assert shop.kinds() == ["DECISION", "PLAN", "INTENT", "OUTCOME", "CLOSE", "INTENT", "OUTCOME", "CLOSE"]


def test_a_measure_that_somebody_undid_by_hand_is_over(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    shop.aliases.version = "2"
    undone = shop.act(direction="revert")
    assert (undone["status"], shop.step("revert")) == ("NOOP", {})
    assert shop.end("RESOLVED", [BETTER | {"status": "NOOP"}], direction="expire") == "RESOLVED"


def test_what_was_found_undone_is_not_looked_at_again_while_another_measure_is_in_place(shop: Workshop) -> None:
    shop.put(keys.measure(shop.incident_id, 2), expires_at=epoch(AT) + 2 * LASTS, lasts=LASTS, renewals=0, max=1)
    shop.clock.tick(minutes=10)
    assert shop.end("RESOLVED", [BETTER | {"status": "NOOP"}], direction="expire") == "HOLDING"
    assert shop.item(keys.incident(shop.incident_id))["next_check_at"] == epoch(AT) + 2 * LASTS
    assert run_to_end(shop)["count"] == 0


def test_a_measure_whose_target_vanished_is_over(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    shop.aliases.vanished = True
    with pytest.raises(Gone):
        shop.act(direction="revert")
    assert shop.end("RESOLVED", [BETTER | {"status": "GONE"}], direction="expire") == "RESOLVED"


def test_while_it_is_still_bad_it_is_renewed_and_the_next_run_has_another_name(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    assert held(shop, STILL_BAD) == "HOLDING"
    assert (measure(shop)["renewals"], measure(shop)["expires_at"]) == (1, epoch(shop.clock.now) + LASTS)
    assert swept(shop, minutes=10, seconds=1) == [f"{shop.incident_id}-x2"]


def test_one_that_was_renewed_as_often_as_it_may_be_stays_and_a_person_is_told(shop: Workshop) -> None:
    for ended in ("HOLDING", "ESCALATED"):
        shop.clock.tick(minutes=10)
        assert held(shop, STILL_BAD) == ended
    assert "still not better after 1 renewals: it stays in place" in shop.records()[-1].body["reason"]
    assert shop.aliases.version == "1"


@pytest.mark.parametrize("to", ["ABORTED", "ESCALATED"])
def test_a_measure_that_nothing_ends_any_more_is_told_with_the_end(running: Workshop, to: str) -> None:
    """A stop came between two stages, or what was done beside it went wrong."""
    assert running.end(to, [a_result()], [a_result(2, status="REFUSED", judged="unknown")]) == to
    told = "step 1 was for a while, and stays until a person undoes it"
    assert running.records()[-1].body["reason"].endswith(told)


def test_an_undo_that_went_wrong_is_not_renewed_but_told(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    failed = a_result(
        direction="revert", status="UNKNOWN", judged="unknown", error={"Error": "Rejected", "Cause": "no"}
    )
    assert held(shop, failed) == "ESCALATED"
    assert measure(shop)["renewals"] == 0


def test_while_another_incident_is_at_work_on_the_subject_it_is_not_ended(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    shop.put(keys.guard(ALIAS), inc_id="i-2", until=epoch(shop.clock.now) + 60, cool={}, undone={})
    with pytest.raises(Refused, match=f"i-2 is at work on {ALIAS}"):
        shop.act(direction="revert")
    assert shop.aliases.version == "1"


def test_a_kill_switch_stops_the_end_of_a_measure_too_unless_it_lets_undo(shop: Workshop) -> None:
    shop.clock.tick(minutes=10)
    shop.engage()
    with pytest.raises(Refused, match="kill switch"):
        shop.act(direction="revert")
    shop.engage(undo=True)
    assert shop.act(direction="revert")["status"] == "DONE"


def test_the_end_of_a_measure_has_no_deadline(shop: Workshop) -> None:
    shop.clock.tick(hours=9)
    assert shop.act(direction="revert")["status"] == "DONE"


def test_a_run_that_died_leaves_it_in_place_and_a_person_is_told(shop: Workshop) -> None:
    swept(shop, minutes=11)
    shop.others["stepfunctions"].statuses[f"{shop.incident_id}-x1"] = "FAILED"
    swept(shop, minutes=3)
    assert shop.incident.state is State.ESCALATED
    assert f"{shop.incident_id}-x1, is FAILED" in shop.records()[-1].body["reason"]
