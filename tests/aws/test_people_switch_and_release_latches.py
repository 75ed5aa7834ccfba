"""People at the switch: who may switch what, what is written down of them, and what they wrote wrongly is told."""

from typing import Any

import pytest

import control.switch
from edsr.policy import Library
from edsr.protocol import keys
from edsr.protocol.controls import SWITCHES, engaged
from edsr.protocol.demotions import demoted
from edsr.times import epoch
from tests import estate, policies
from tests.asking import Answer, read, request
from tests.aws.conftest import Workshop
from tests.estate import ACCOUNT
from tests.policies import PEOPLE, write
from tests.things import ALIAS, AT

ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role"
SHOP = f"{ROLE}/ShopOnCall/ann"
SSO = f"{ROLE}/AWSReservedSSO_Admin_0"
LATCH = f"action:shift-alias:{ACCOUNT}"


def switch(shop: Workshop, caller: str, path: str = "/switch", **said: Any) -> Answer:
    """Ask as this caller."""
    asked = request(caller, path, **({"reason": "it flaps"} | said))
    return read(shop.call(control.switch.handler, estate.ROUTE, **asked))


def off(shop: Workshop, caller: str = "ann", scope: str = "all", **said: Any) -> Answer:
    return switch(shop, caller, do="off", scope=scope, **said)


def on(shop: Workshop, caller: str, scope: str = "all") -> Answer:
    return switch(shop, caller, do="on", scope=scope)


def stopped(shop: Workshop) -> dict[str, Any]:
    return engaged(shop.store.read(SWITCHES))


@pytest.fixture
def shop(workshop: Workshop, library: Library) -> Workshop:
    """A workshop in which checkout has an operator of its own, and sessions of single sign-on carry people's names."""
    folder = policies.folder_of(library)
    file = folder / "services" / "checkout.json"
    write(file, policies.read(file) | {"people": {"operators": [f"{ROLE}/ShopOnCall/*"]}})
    named = [f"{ROLE}/AWSReservedSSO_*/*"]
    people = {**PEOPLE, "operators": [*PEOPLE["operators"], *named], "named-sessions": named}
    write(folder / "environment" / "people.json", people)
    return workshop


def test_who_operates_a_service_stops_it_and_lets_it_go_on_with_a_record_of_both(shop: Workshop) -> None:
    assert off(shop, SHOP, "service:checkout") == (
        200, {"scope": "service:checkout", "is": "off", "by": f"{ROLE}/ShopOnCall/*"},
    )  # fmt: skip
    assert stopped(shop)["service:checkout"]["reason"] == "it flaps"
    assert on(shop, SHOP, "service:checkout").said["is"] == "on"
    assert stopped(shop) == {}
    records = shop.controls()
    assert [(record.actor, record.body["caller"]) for record in records] == [(f"{ROLE}/ShopOnCall/*", SHOP)] * 2


@pytest.mark.parametrize("scope", ["all", "policy:lambda-canary-rollback", f"account:{ACCOUNT}", "region:us-east-1"])
def test_what_is_more_than_their_service_is_not_theirs_to_switch(shop: Workshop, scope: str) -> None:
    answer = off(shop, SHOP, scope)
    assert (answer.status, f"may not switch {scope}: its operators" in answer.why) == (403, True)
    assert off(shop, "ann", scope).status == 200, "those whom the environment names may"
    assert on(shop, SHOP, scope).status == 403
    assert scope in stopped(shop)


def test_a_stranger_is_told_where_operators_are_named_and_changes_nothing(shop: Workshop) -> None:
    answer = off(shop, f"{ROLE}/Visitor/ann", "service:checkout")
    assert (answer.status, "policies/services/checkout.json" in answer.why) == (403, True)
    assert stopped(shop) == {}


def test_for_all_the_same_person_in_another_session_or_another_role_is_not_a_second_one(shop: Workshop) -> None:
    off(shop)
    assert on(shop, f"{SSO}/ann@example.com").said["is"] == "on-asked"
    for again in (f"{SSO}/ann@example.com", f"{SSO}/Ann@Example.com", f"{ROLE}/AWSReservedSSO_Other_1/ann@example.com"):
        answer = on(shop, again)
        assert (answer.status, "a second person has to" in answer.why) == (403, True)
    assert "all" in stopped(shop)
    assert on(shop, f"{SSO}/bob@example.com").said["is"] == "on"
    assert stopped(shop) == {}


def test_a_scope_ends_when_it_was_said_to_and_undoing_goes_on_where_it_was_let(shop: Workshop) -> None:
    assert off(shop, scope="service:checkout", until=epoch(AT) + 60, undo=True).status == 200
    said = stopped(shop)["service:checkout"]
    assert (said["end"], said["undo"]) == (epoch(AT) + 60, True)


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        ({"scope": "service:chekout"}, 400, "did you mean service:checkout?; there are"),
        ({"scope": "policy:none"}, 400, "there is no scope 'policy:none'"),
        ({"scope": "region:eu-north-7"}, 400, "there is no scope"),
        ({"scope": "everything"}, 400, "there are account:123456789012, all, policy:alarm-for-people"),
        ({"scope": "all", "until": epoch(AT) + 60}, 403, "all does not end by itself: two people release it"),
        ({"scope": "service:checkout", "until": epoch(AT)}, 400, "until is over already"),
        ({"scope": "service:checkout", "reason": ""}, 400, "reason: String should have at least 3"),
        ({"scope": "service:checkout", "by": "bob"}, 400, "by: Extra inputs"),
    ],
)
def test_what_would_stop_nothing_or_is_not_said_is_told(
    shop: Workshop, said: dict[str, Any], status: int, why: str
) -> None:
    answer = off(shop, **said)
    assert (answer.status, why in answer.why) == (status, True), answer.why
    assert stopped(shop) == {}


def test_what_is_not_stopped_cannot_be_released(shop: Workshop) -> None:
    assert "service:checkout is not engaged" in on(shop, "ann", "service:checkout").why


def test_a_service_that_left_the_catalogue_can_still_be_released(shop: Workshop, library: Library) -> None:
    off(shop, scope="service:checkout")
    (policies.folder_of(library) / "services" / "checkout.json").unlink()
    assert on(shop, SHOP, "service:checkout").status == 403
    assert on(shop, "ann", "service:checkout").said["is"] == "on"


def test_an_action_that_was_denied_is_released_by_the_environments_operators(shop: Workshop) -> None:
    shop.put(keys.latch("shift-alias", ACCOUNT), state="open", incident="i-1")
    assert switch(shop, SHOP, "/latches", latch=LATCH).status == 403, "others' services need the action, too"
    assert switch(shop, "ann", "/latches", latch=LATCH) == (
        200, {"latch": LATCH, "is": "released", "by": policies.arn("ann")},
    )  # fmt: skip
    assert "nothing is latched" in switch(shop, "ann", "/latches", latch=LATCH).why
    (record,) = shop.controls()
    assert (record.body["latch"], record.body["caller"]) == (f"BRK#deny#shift-alias#{ACCOUNT}", policies.arn("ann"))


def test_a_subject_that_went_in_circles_is_released_by_its_services_operators(shop: Workshop) -> None:
    shop.put(keys.guard(ALIAS), latched="i-1")
    assert switch(shop, SHOP, "/latches", latch=f"subject:{ALIAS}").status == 200
    assert "latched" not in shop.item(keys.guard(ALIAS))


@pytest.mark.parametrize("latch", ["", "action:", "action:shift-alias", "subject:", "subject:x", "KIL#00"])
def test_what_names_no_latch_is_told(shop: Workshop, latch: str) -> None:
    answer = switch(shop, "ann", "/latches", latch=latch)
    assert (answer.status, "is no latch: write action:<action>:<account>" in answer.why) == (400, True)


def demote(shop: Workshop, caller: str, **said: Any) -> Answer:
    return switch(shop, caller, "/demotions", **({"policy": "lambda-canary-rollback"} | said))


def goes_to(shop: Workshop, service: str = "checkout") -> str | None:
    key = keys.demotions("lambda-canary-rollback")
    found = demoted(shop.store.read([key]).get(key), service, AT)
    return found.to.value if found else None


def test_a_policy_is_demoted_on_a_service_by_its_operators_and_lifted_with_a_record_of_both(shop: Workshop) -> None:
    answer = demote(shop, SHOP, service="checkout", to="approve")
    assert answer.said == {
        "policy": "lambda-canary-rollback", "service": "checkout", "is": "approve", "by": f"{ROLE}/ShopOnCall/*",
    }  # fmt: skip
    assert (goes_to(shop), goes_to(shop, "orders")) == ("approve", None)
    assert demote(shop, SHOP, service="checkout", to=None).said["is"] == "as written"
    assert goes_to(shop) is None
    assert [record.body["switch"] for record in shop.controls()] == ["demoted", "restored"]


def test_demoting_a_policy_everywhere_is_for_the_environments_operators(shop: Workshop) -> None:
    assert demote(shop, SHOP, to="observe").status == 403
    assert goes_to(shop) is None
    assert demote(shop, "ann", to="observe").status == 200
    assert goes_to(shop, "orders") == "observe"


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [
        ({"policy": "lambda-canary-rolback", "to": "observe"}, 400, "did you mean lambda-canary-rollback?"),
        ({"service": "chekout", "to": "observe"}, 400, "there is no service 'chekout', did you mean checkout?"),
        ({"to": "automatic"}, 400, "to: Input should be 'observe' or 'approve'"),
        ({"to": "observe", "until": epoch(AT)}, 400, "until is over already"),
        ({"to": None, "until": epoch(AT) + 60}, 400, "until is for a demotion"),
        ({"to": None}, 403, "is not demoted there; it is on: nothing"),
    ],
)
def test_what_would_demote_nothing_is_told(shop: Workshop, said: dict[str, Any], status: int, why: str) -> None:
    answer = demote(shop, "ann", **said)
    assert (answer.status, why in answer.why) == (status, True), answer.why
    assert goes_to(shop) is None
