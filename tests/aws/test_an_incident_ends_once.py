"""close and plan on DynamoDB: an incident ends once, whatever is missing or another's by now; a plan is drawn once."""

from typing import Any

import pytest

import close.handler
import plan.handler
from edsr.errors import Refused
from edsr.model import Direction, State
from edsr.protocol import keys
from edsr.times import epoch
from tests.aws.conftest import Workshop, a_result
from tests.things import ALIAS


def test_an_end_frees_lock_and_guard_and_begins_the_cooldown(workshop: Workshop) -> None:
    workshop.act()
    assert workshop.end("RESOLVED", [a_result()]) == "RESOLVED"
    assert workshop.incident.state is State.RESOLVED
    assert "owner" not in workshop.item(keys.lock(ALIAS))
    guard = workshop.item(keys.guard(ALIAS))
    assert "inc_id" not in guard
    assert guard["cool"]["lambda-canary-rollback"] == int(workshop.clock.now.timestamp()) + 900


@pytest.mark.parametrize("st", ["INTENT", "UNKNOWN"])
def test_what_may_yet_take_effect_keeps_its_lock_until_its_lease_is_over(workshop: Workshop, st: str) -> None:
    workshop.act()
    workshop.put(keys.step(workshop.incident_id, 1, Direction.APPLY), **workshop.step() | {"st": st})
    assert workshop.end("ESCALATED", [a_result(status="UNKNOWN", judged="unknown")]) == "ESCALATED"
    lock = workshop.item(keys.lock(ALIAS))
    assert (lock["owner"], lock["lease_until"]) == (workshop.incident_id, epoch(workshop.clock.now) + 120)
    assert "inc_id" not in workshop.item(keys.guard(ALIAS))


@pytest.mark.parametrize("st", ["INTENT", "UNKNOWN"])
@pytest.mark.parametrize("to", ["RESOLVED", "ABORTED"])
def test_no_end_is_well_while_nobody_knows_what_came_of_a_step_that_was_tolerated(
    workshop: Workshop, st: str, to: str
) -> None:
    workshop.act()
    workshop.put(keys.step(workshop.incident_id, 1, Direction.APPLY), **workshop.step() | {"st": st})
    assert workshop.end(to, [a_result(status="UNKNOWN", judged="unknown"), a_result(2)]) == "ESCALATED"
    assert "nobody knows what came of step 1" in workshop.records()[-1].body["reason"]


def test_a_retry_of_the_end_gives_the_end_that_stands(workshop: Workshop) -> None:
    workshop.end()
    before = workshop.kinds()
    assert workshop.end("ESCALATED") == "RESOLVED"
    assert workshop.kinds() == before


def test_a_retry_of_an_end_that_left_it_holding_leaves_it_holding_once(workshop: Workshop) -> None:
    workshop.act()
    until = epoch(workshop.clock.now) + 600
    workshop.put(keys.measure(workshop.incident_id, 1), expires_at=until, lasts=600, renewals=0, max=1)
    assert workshop.end("RESOLVED", [a_result()]) == "HOLDING"
    before = workshop.kinds()
    assert workshop.end("RESOLVED", [a_result()]) == "HOLDING"
    assert (workshop.kinds(), workshop.incident.holds) == (before, 1)


def test_what_is_anothers_by_now_is_left_to_it(workshop: Workshop) -> None:
    workshop.act()
    workshop.put(keys.lock(ALIAS), owner="i-2", fence=9, lease_until=1)
    workshop.put(keys.guard(ALIAS), inc_id="i-2", until=1, cool={})
    assert workshop.end() == "RESOLVED"
    assert workshop.item(keys.lock(ALIAS))["owner"] == "i-2"
    assert workshop.item(keys.guard(ALIAS))["inc_id"] == "i-2"


@pytest.mark.parametrize(
    "error",
    [
        {"Error": "States.Timeout"},
        {"Error": "States.Timeout", "Cause": None},
        {"Error": "Gone", "Cause": "not JSON"},
        {"Error": "Gone", "Cause": "[]"},
        {"Error": "Gone", "Cause": '{"errorMessage": "it vanished"}'},
        {},
    ],
    ids=str,
)
def test_an_incident_ends_however_little_an_error_says(workshop: Workshop, error: dict[str, Any]) -> None:
    result = a_result(status="UNKNOWN", judged="unknown", error=error)
    assert workshop.end("ESCALATED", [result], error=error) == "ESCALATED"
    assert workshop.records()[-1].body["reason"]


@pytest.mark.parametrize(
    ("done", "undone", "ended"),
    [
        (["DONE"], ["DONE"], "REVERTED"),
        (["DONE", "RECOVERED"], ["RECOVERED", "NOOP"], "REVERTED"),
        (["DONE", "NOOP"], ["DONE"], "REVERTED"),
        (["DONE", "DONE"], ["DONE", "REFUSED"], "ESCALATED"),
        (["DONE", "DONE"], ["DONE"], "ESCALATED"),
        (["DONE"], ["UNKNOWN"], "ESCALATED"),
        (["DONE", "UNKNOWN"], ["DONE"], "ESCALATED"),
        (["DONE"], [], "ESCALATED"),
    ],
)
def test_only_a_complete_undo_is_a_revert(workshop: Workshop, done: list[str], undone: list[str], ended: str) -> None:
    first = [a_result(n, status=status) for n, status in enumerate(done, 1)]
    second = [a_result(n, status=status, direction="revert") for n, status in enumerate(undone, 1)]
    assert workshop.end("ESCALATED", first, second, direction="revert") == ended


def test_the_verdicts_that_no_intent_carried_are_in_the_last_record(workshop: Workshop) -> None:
    workshop.end("ABORTED", [a_result()], [a_result(2, status="NOOP")], [a_result(3, status="REFUSED")])
    assert [verdict["step"] for verdict in workshop.records()[-1].body["verdicts"]] == [1, 2, 3]


def test_an_incident_that_never_was_cannot_end(workshop: Workshop) -> None:
    with pytest.raises(Refused, match="there is no incident i-0"):
        workshop.call(close.handler.handler, end="RESOLVED", run=workshop.run([a_result()], inc="i-0"))


def test_a_retry_of_the_plan_gives_the_plan_that_stands_whatever_the_world_has_become(workshop: Workshop) -> None:
    workshop.aliases.changed_by_somebody("7")
    workshop.asked.clear()  # what was asked to draw the plan that stands
    said = workshop.call(plan.handler.handler, inc=workshop.incident_id, direction="apply")
    assert [step["target"] for stage in said["plan"]["stages"] for step in stage["steps"]] == [ALIAS]
    assert workshop.kinds() == ["DECISION", "PLAN"]
    assert ("lambda", False) not in workshop.asked


def test_nothing_is_planned_for_what_has_ended_or_never_was(workshop: Workshop) -> None:
    workshop.end("ABORTED")
    for incident, why in ((workshop.incident_id, "has ended: ABORTED"), ("i-0", "there is no incident i-0")):
        with pytest.raises(Refused, match=why):
            workshop.call(plan.handler.handler, inc=incident, direction="apply")


def test_after_the_deadline_no_plan_is_drawn_and_nobody_tries_again(workshop: Workshop) -> None:
    head = keys.incident(workshop.incident_id)
    workshop.put(head, **workshop.item(head) | {"st": "APPROVED"})
    workshop.aliases.changed_by_somebody("7")
    workshop.clock.tick(hours=2)
    with pytest.raises(Refused, match=f"{workshop.incident_id} is past its deadline"):
        workshop.call(plan.handler.handler, inc=workshop.incident_id, direction="apply")


def test_what_was_done_and_may_not_be_undone_is_not_in_the_undo(workshop: Workshop) -> None:
    workshop.act()
    said = workshop.call(plan.handler.handler, inc=workshop.incident_id, direction="revert")
    assert said["plan"] == {"direction": "revert", "stages": [], "count": 0, "next": 0, "asks": False}
