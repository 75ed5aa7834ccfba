"""close and plan on DynamoDB: an incident ends once, whatever is missing or another's by now; a plan is drawn once."""

from typing import Any

import pytest

import close.handler
import plan.handler
from edsr.errors import Refused
from edsr.model import State
from edsr.protocol import keys
from edsr.serve import Handler, Runtime
from tests import estate
from tests.aws.conftest import Workshop
from tests.things import ALIAS


def call(workshop: Workshop, handler: Handler[Any], **said: Any) -> Any:
    runtime = Runtime(estate.TABLES, workshop.clients, workshop.clock, lambda: workshop.library)
    return handler.handle({"v": 1, **said}, runtime)


def end(workshop: Workshop, to: str = "RESOLVED", **run: Any) -> str:
    answer = call(workshop, close.handler.handler, end=to, run={"inc": workshop.incident_id, **run})
    return str(answer["state"])


def a_result(**changes: Any) -> dict[str, Any]:
    return {"step": 1, "direction": "apply", "status": "DONE", "judged": "better", "observed": "OK"} | changes


def item(workshop: Workshop, key: Any) -> dict[str, Any]:
    return workshop.store.read([key]).get(key, {})


def test_an_end_frees_lock_and_guard_and_begins_the_cooldown(workshop: Workshop) -> None:
    workshop.act()
    assert end(workshop, stage={"results": [a_result()]}) == "RESOLVED"
    assert workshop.incident.state is State.RESOLVED
    assert "owner" not in item(workshop, keys.lock(ALIAS))
    guard = item(workshop, keys.guard(ALIAS))
    assert "inc_id" not in guard
    assert guard["cool"]["lambda-canary-rollback"] == int(workshop.clock.now.timestamp()) + 900


def test_a_retry_of_the_end_gives_the_end_that_stands(workshop: Workshop) -> None:
    end(workshop)
    before = workshop.kinds()
    assert end(workshop, "ESCALATED") == "RESOLVED"
    assert workshop.kinds() == before


def test_what_is_anothers_by_now_is_left_to_it(workshop: Workshop) -> None:
    workshop.act()
    workshop.put(keys.lock(ALIAS), owner="i-2", fence=9, lease_until=1)
    workshop.put(keys.guard(ALIAS), inc_id="i-2", until=1, cool={})
    assert end(workshop) == "RESOLVED"
    assert item(workshop, keys.lock(ALIAS))["owner"] == "i-2"
    assert item(workshop, keys.guard(ALIAS))["inc_id"] == "i-2"


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
    assert end(workshop, "ESCALATED", error=error, stage={"results": [result]}) == "ESCALATED"
    assert workshop.records()[-1].body["reason"]


@pytest.mark.parametrize(
    ("statuses", "ended"),
    [
        ([("apply", "DONE"), ("revert", "DONE")], "REVERTED"),
        ([("revert", "RECOVERED"), ("revert", "NOOP")], "REVERTED"),
        ([("revert", "DONE"), ("revert", "REFUSED")], "ESCALATED"),
        ([("revert", "UNKNOWN")], "ESCALATED"),
        ([("apply", "DONE"), ("apply", "UNKNOWN"), ("revert", "DONE")], "ESCALATED"),
        ([("apply", "DONE")], "ESCALATED"),
    ],
)
def test_only_a_complete_undo_is_a_revert(workshop: Workshop, statuses: list[tuple[str, str]], ended: str) -> None:
    results = [a_result(direction=direction, status=status) for direction, status in statuses]
    assert end(workshop, "ESCALATED", stage={"results": results}) == ended


def test_the_verdicts_of_the_stage_before_are_in_the_last_record(workshop: Workshop) -> None:
    end(workshop, "ABORTED", verdicts=[a_result()], stage={"results": [a_result(step=2, status="REFUSED")]})
    assert [verdict["step"] for verdict in workshop.records()[-1].body["verdicts"]] == [1, 2]


def test_an_incident_that_never_was_cannot_end(workshop: Workshop) -> None:
    with pytest.raises(Refused, match="there is no incident i-0"):
        call(workshop, close.handler.handler, end="RESOLVED", run={"inc": "i-0"})


def test_a_retry_of_the_plan_gives_the_plan_that_stands_whatever_the_world_has_become(workshop: Workshop) -> None:
    workshop.aliases.changed_by_somebody("7")
    said = call(workshop, plan.handler.handler, inc=workshop.incident_id, direction="apply")
    assert [step["target"] for stage in said["plan"]["stages"] for step in stage["steps"]] == [ALIAS]
    assert workshop.kinds() == ["DECISION", "PLAN"]
    assert ("lambda", False) not in workshop.asked


def test_nothing_is_planned_for_what_has_ended_or_never_was(workshop: Workshop) -> None:
    end(workshop, "ABORTED")
    for incident, why in ((workshop.incident_id, "has ended: ABORTED"), ("i-0", "there is no incident i-0")):
        with pytest.raises(Refused, match=why):
            call(workshop, plan.handler.handler, inc=incident, direction="apply")


def test_what_was_done_and_may_not_be_undone_is_not_in_the_undo(workshop: Workshop) -> None:
    workshop.act()
    said = call(workshop, plan.handler.handler, inc=workshop.incident_id, direction="revert")
    assert said["plan"] == {"direction": "revert", "stages": [], "count": 0, "next": 0}
