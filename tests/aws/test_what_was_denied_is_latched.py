"""A missing permission is met once: it latches the action in the account, and a person has to release it."""

import pytest

from edsr.errors import Denied, Refused
from edsr.protocol import keys
from edsr.protocol.controls import release_latch
from tests.aws.conftest import Workshop, a_result, another
from tests.aws.services import refusal
from tests.things import ALIAS

LATCH = keys.latch("shift-alias", "123456789012")


def denied(shop: Workshop) -> str:
    """The call is refused for want of permission, and the machine escalates; gives how it ended."""

    def refuse() -> None:
        raise refusal("AccessDeniedException", 403)

    shop.aliases.before = refuse
    with pytest.raises(Denied):
        shop.act()
    shop.aliases.before = lambda: None
    error = {"Error": "Denied", "Cause": '{"errorMessage": "AccessDeniedException"}'}
    return shop.end("ESCALATED", [a_result(status="UNKNOWN", judged="unknown", error=error)])


def test_what_was_denied_is_escalated_and_latched(workshop: Workshop) -> None:
    assert denied(workshop) == "ESCALATED"
    item = workshop.item(LATCH)
    assert (item["state"], item["incident"]) == ("open", workshop.incident_id)


def test_the_next_incident_is_refused_without_a_call_and_without_a_write(workshop: Workshop) -> None:
    denied(workshop)
    basket = another(workshop)
    with pytest.raises(Refused, match=f"shift-alias was denied in account 123456789012 by {workshop.incident_id}"):
        basket.act()
    assert (basket.aliases.updates, basket.step()) == ([], {})
    assert basket.kinds() == ["DECISION", "PLAN"]


def test_a_person_who_releases_the_latch_lets_it_pass_and_is_recorded(workshop: Workshop) -> None:
    denied(workshop)
    basket = another(workshop)
    release_latch(workshop.store, LATCH, by="ann", reason="the role was mended", clock=workshop.clock)
    assert basket.act()["status"] == "DONE"
    (record,) = workshop.controls()
    assert (record.actor, record.body["latch"], record.body["switch"]) == ("ann", LATCH.pk, "released")


def test_what_is_not_latched_cannot_be_released(workshop: Workshop) -> None:
    for key in (LATCH, keys.guard(ALIAS)):
        with pytest.raises(Refused, match=f"nothing is latched at {key.pk}"):
            release_latch(workshop.store, key, by="ann", reason="to be sure", clock=workshop.clock)


def test_a_latch_that_came_between_look_and_intent_stops_it_too(workshop: Workshop) -> None:
    basket = another(workshop)
    basket.between = lambda: workshop.put(LATCH, state="open", incident="i-9", at=1)
    with pytest.raises(Refused, match="was denied in account 123456789012 by i-9"):
        basket.act()
    assert basket.aliases.updates == []


def test_a_subject_that_went_in_circles_is_released_with_what_was_undone_there(workshop: Workshop) -> None:
    guard = keys.guard(ALIAS)
    workshop.put(guard, latched="i-9", latched_at=1, cool={}, undone={"lambda-alias-rollback": 1})
    release_latch(workshop.store, guard, by="ann", reason="found the cause", clock=workshop.clock)
    item = workshop.item(guard)
    assert (item["undone"], "latched" in item) == ({}, False)
    assert workshop.controls()[-1].body["latch"] == guard.pk
