"""After a yes the plan is drawn again: the same may run as it is, another is asked about, and not for ever."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import approve.handler
import plan.handler
from cli.query.asked import asked
from cli.query.embedded import Lake
from edsr.errors import Refused, Stale
from edsr.model import Mode, State
from edsr.policy import Library
from tests import estate
from tests.aws.conftest import Workshop, admitted
from tests.lake import exported
from tests.things import AT, a_policy


class Silent:
    """A Step Functions in which nothing waits."""

    class exceptions:  # noqa: N801 - as a client names them
        class TaskDoesNotExist(Exception):
            """No such token."""

        class TaskTimedOut(Exception):
            """Too late."""

        class InvalidToken(Exception):
            """No token at all."""

    def send_task_success(self, **_: Any) -> None:
        raise self.exceptions.TaskDoesNotExist


@pytest.fixture
def shop(aws: None, library: Library) -> Workshop:  # noqa: ARG001 - moto has to answer first
    estate.make_tables()
    made = admitted(library, estate.Clock(AT), a_policy(Mode.APPROVE))
    made.others["stepfunctions"] = Silent()
    return made


def drawn(shop: Workshop) -> dict[str, Any]:
    said: dict[str, Any] = shop.call(plan.handler.handler, inc=shop.incident_id, direction="apply")["plan"]
    return said


def agreed(shop: Workshop, by: str = "ann") -> None:
    """The plan is asked about, and somebody agrees to it."""
    shop.call(approve.handler.handler, inc=shop.incident_id, token="t", attempt=0)
    shop.answer(by, shop.incident.plan_digest)


def test_a_plan_has_to_be_agreed_to_before_any_of_it_is_done(shop: Workshop) -> None:
    assert drawn(shop)["asks"] is True
    for state in (State.PLANNED, State.ASKED):
        assert shop.incident.state is state
        with pytest.raises(Refused, match=f"is {state}: nothing may be done for it now"):
            shop.act()
        if state is State.PLANNED:
            shop.call(approve.handler.handler, inc=shop.incident_id, token="t", attempt=0)
    assert shop.aliases.updates == []


def test_the_same_plan_may_run_and_nothing_more_is_written(shop: Workshop) -> None:
    agreed(shop)
    before = shop.kinds()
    assert drawn(shop)["asks"] is False
    assert shop.kinds() == before
    assert shop.act()["status"] == "DONE"


def test_what_drifted_meanwhile_makes_another_plan_which_is_asked_about_again(shop: Workshop) -> None:
    agreed(shop)
    old = shop.incident.plan_digest
    shop.aliases.changed_by_somebody("7")
    assert drawn(shop)["asks"] is True
    assert shop.incident.plan_digest != old
    assert shop.incident.state is State.PLANNED
    with pytest.raises(Refused, match="is PLANNED: nothing may be done for it now"):
        shop.act()
    agreed(shop, by="bob")
    assert drawn(shop)["asks"] is False
    assert shop.act()["status"] == "DONE"


def test_auditors_are_told_that_the_change_was_made_under_the_second_approval(shop: Workshop, tmp_path: Path) -> None:
    agreed(shop)
    shop.aliases.changed_by_somebody("7")
    drawn(shop)
    agreed(shop, by="bob")
    drawn(shop)
    shop.act()
    lake = Lake(exported(tmp_path, [shop.records()]), AT + timedelta(days=1))
    answer = lake.ask(asked("who-approved-what", {"since": "2026-03-01"}, date(2026, 3, 4)))
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    assert [(str(row["caller"]).rpartition("/")[2], row["changes"]) for row in rows] == [("ann", 0), ("bob", 1)]
    assert rows[1]["plan"] == shop.incident.plan_digest[:12]
    assert lake.ask(asked("actions-without-approval", {"since": "2026-03-01"}, date(2026, 3, 4))).rows == []


def test_a_plan_that_is_another_every_time_is_asked_about_three_times(shop: Workshop) -> None:
    for version in ("5", "6", "7"):
        agreed(shop)
        shop.aliases.changed_by_somebody(version)
        assert drawn(shop)["asks"] is True
    with pytest.raises(Stale, match="was another each of 3 times it was drawn"):
        shop.call(approve.handler.handler, inc=shop.incident_id, token="t", attempt=0)


def test_what_drifted_after_the_plan_was_drawn_again_is_refused_by_the_hand_itself(shop: Workshop) -> None:
    agreed(shop)
    drawn(shop)
    shop.aliases.changed_by_somebody("7")
    with pytest.raises(Refused, match="has changed since the plan was drawn"):
        shop.act()
