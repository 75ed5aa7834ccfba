"""Brakes on DynamoDB: what holds is refused before anything is written, and what passes is counted with the intent."""

from typing import Any

import pytest

from edsr.errors import Refused, Transient
from edsr.policy import Library
from edsr.ports import Cancelled, Key
from edsr.protocol import keys
from edsr.protocol.brakes import unwell_keys
from edsr.times import epoch
from tests import estate
from tests.aws.conftest import Workshop, a_result, admitted, another
from tests.aws.services import Aliases, Crash, crash
from tests.estate import ACCOUNT, REGION
from tests.things import ALIAS, AT, a_playbook, a_policy

NOW = epoch(AT)
POLICY = "lambda-canary-rollback"
BREAKER = keys.breaker(POLICY, "checkout")
SLOTS = keys.slots("service:checkout")
API = f"api:lambda#{ACCOUNT}#{REGION}"
SCOPES = (f"subject:{ALIAS}", "service:checkout", f"policy:{POLICY}:checkout", "all", API)
RATES = [keys.rate(scope) for scope in SCOPES]
BASKET = ALIAS.replace("checkout", "basket")
ILL = unwell_keys("checkout", "lambda:alias", AT)[1]

HOLDING: dict[str, tuple[Key, dict[str, Any], str]] = {
    "the subject's rate": (RATES[0], {"stamps": [NOW] * 2, "ver": 2}, "2 in 0:15:00 is the most for subject:"),
    "the service's rate": (RATES[1], {"stamps": [NOW] * 5, "ver": 5}, "5 in 0:10:00 is the most for service:checkout"),
    "the policy's rate": (RATES[2], {"stamps": [NOW] * 3, "ver": 3}, f"3 in 1:00:00 is the most for policy:{POLICY}"),
    "the rate of all": (RATES[3], {"stamps": [NOW] * 10, "ver": 10}, "8 in 0:01:00 is the most for all"),
    "the API's budget": (RATES[4], {"stamps": [NOW] * 8, "ver": 8}, f"8 in 0:01:00 is the most for {API}"),
    "the slots": (SLOTS, {"holders": {"i-2", "i-3"}}, "i-2, i-3 already act on service:checkout"),
    "the breaker": (
        BREAKER,
        {"state": "open", "gen": 1, "fails": 2, "successes": 0, "cooldown": 900, "reopen_at": NOW + 900},
        "one may try in 900 s",
    ),
    "the breaker's owner": (
        BREAKER,
        {"state": "half", "gen": 2, "fails": 2, "successes": 0, "cooldown": 900, "probe_owner": "i-2"},
        "is half open, and i-2 is trying",
    ),
    "too many unwell": (ILL, {f"arn:{n}": NOW for n in range(55)}, "of 100 of its kind in checkout are unwell"),
}


def everything(shop: Workshop) -> list[Any]:
    """Both tables, as they stand."""
    client = shop.clients("dynamodb")
    return [client.scan(TableName=name)["Items"] for name in ("edsr-state", "edsr-audit")]


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    """An incident of a fleet of a hundred."""
    return another(workshop, policy=a_policy(safeguards={"concurrency": {"max": 2}}))


@pytest.mark.parametrize("brake", HOLDING)
def test_a_brake_that_holds_refuses_and_nothing_is_written(shop: Workshop, brake: str) -> None:
    key, item, why = HOLDING[brake]
    shop.put(Key(key.table, key.pk.replace(ALIAS, shop.target), key.sk), **item)
    before = everything(shop)
    with pytest.raises(Refused, match=why):
        shop.act()
    assert shop.aliases.updates == []
    assert everything(shop) == before


@pytest.mark.parametrize("brake", ["the subject's rate", "the slots", "the breaker", "the breaker's owner"])
def test_a_brake_that_is_pulled_between_look_and_intent_holds_too(workshop: Workshop, brake: str) -> None:
    key, item, why = HOLDING[brake]
    workshop.between = lambda: workshop.put(key, **item)
    with pytest.raises(Refused, match=why):
        workshop.act()
    assert (workshop.aliases.updates, workshop.step()) == ([], {})
    assert workshop.kinds() == ["DECISION", "PLAN"]


def test_an_intent_is_counted_in_every_rate_and_takes_a_slot(workshop: Workshop) -> None:
    workshop.act()
    assert [workshop.item(key)["stamps"] for key in RATES] == [[NOW]] * 5
    assert workshop.item(SLOTS)["holders"] == {workshop.incident_id}


@pytest.fixture
def under_way(aws: None, library: Library) -> Workshop:  # noqa: ARG001 - moto has to answer first
    """An incident of two steps, the first of which is taken; the other alias is as it was."""
    estate.make_tables()
    to = {"action": "shift-alias", "with": {"to": "1"}}
    stages = [{"steps": [to | {"target": target}]} for target in (ALIAS, BASKET)]
    policy = a_policy(safeguards={"blast-radius": {"max-targets": 2}})
    shop = admitted(library, estate.Clock(AT), policy, a_playbook(parameters={}, stages=stages))
    shop.act()
    shop.aliases = Aliases()
    return shop


@pytest.mark.parametrize("rate", RATES[3:])
def test_a_step_of_what_is_under_way_waits_for_room_and_takes_what_is_left_for_it(
    under_way: Workshop, rate: Key
) -> None:
    under_way.put(rate, stamps=[NOW] * 9, ver=9)
    assert under_way.act(n=2, target=BASKET)["status"] == "DONE", "no incident may begin, but a step may be taken"


@pytest.mark.parametrize("rate", RATES[3:])
def test_it_waits_until_there_is_room_and_where_that_takes_long_the_machine_waits(
    under_way: Workshop, rate: Key
) -> None:
    under_way.put(rate, stamps=[NOW] * 10, ver=10)
    waited = []
    for _ in range(3):
        with pytest.raises(Transient, match=r"10 in 0:01:00 is the most for .* waits for it"):
            under_way.act(n=2, target=BASKET)
        waited.append(epoch(under_way.clock()) - NOW)
    assert waited == [20, 40, 60]
    assert under_way.act(n=2, target=BASKET)["status"] == "DONE", "three retries outlast a minute and its margin"
    assert under_way.item(rate)["stamps"] == [NOW + 65]


def test_it_does_not_wait_longer_than_its_function_has_time(under_way: Workshop) -> None:
    under_way.put(RATES[4], stamps=[NOW - 50] * 10, ver=10)
    under_way.remaining = lambda: 12.0
    with pytest.raises(Transient, match="the next may be in 15 s"):
        under_way.act(n=2, target=BASKET)
    assert epoch(under_way.clock()) - NOW == 2


def test_an_attempt_made_again_is_not_counted_again(workshop: Workshop) -> None:
    workshop.aliases.before = crash
    with pytest.raises(Crash):
        workshop.act()
    workshop.aliases.before = lambda: None
    workshop.put(RATES[3], stamps=[NOW] * 10, ver=10)
    assert workshop.act()["status"] == "DONE", "what was begun is finished"
    assert workshop.item(RATES[3])["ver"] == 10


def test_what_another_took_meanwhile_is_read_again_and_both_are_counted(workshop: Workshop) -> None:
    def somebody() -> None:
        workshop.between = lambda: None
        workshop.put(RATES[3], stamps=[NOW - 1], ver=1)

    workshop.between = somebody
    assert workshop.act()["status"] == "DONE"
    assert workshop.item(RATES[3])["stamps"] == [NOW - 1, NOW]


def test_an_undo_is_held_by_no_brake(workshop: Workshop) -> None:
    workshop.act()
    for key, item, _ in HOLDING.values():
        workshop.put(key, **item)
    assert workshop.act(direction="revert")["status"] == "DONE"


def test_the_end_gives_the_slot_back_to_the_next(workshop: Workshop) -> None:
    workshop.act()
    with pytest.raises(Cancelled, match="SEM"):
        another(workshop, policy=a_policy())
    workshop.end("RESOLVED", [a_result()])
    assert "holders" not in workshop.item(SLOTS)
    assert another(workshop, policy=a_policy()).act()["status"] == "DONE"


def test_two_may_act_at_once_where_the_policy_says_so(workshop: Workshop) -> None:
    two = a_policy(safeguards={"concurrency": {"max": 2}})
    workshop.act()
    shop = another(workshop, policy=two)
    assert shop.act()["status"] == "DONE"
    assert workshop.item(SLOTS)["holders"] == {workshop.incident_id, shop.incident_id}
