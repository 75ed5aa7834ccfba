"""The kill switch on DynamoDB: all copies at once, each change with its record, released by whom it takes."""

from datetime import UTC, datetime
from threading import Barrier, Thread
from typing import Any

import pytest

import sweep.handler
from edsr.errors import Refused, Transient
from edsr.model import Kind
from edsr.ports import Item
from edsr.protocol import keys
from edsr.protocol.controls import SWITCHES, Engaged, engage, release
from edsr.serve import Runtime
from edsr.times import epoch
from tests import estate
from tests.aws.conftest import Workshop
from tests.aws.test_the_sweep_leaves_nothing_behind import SETTINGS
from tests.things import AT

SERVICE = "service:checkout"
ANN = Engaged("ann", "it shifts the wrong alias")


def pull(shop: Workshop, scope: str = "all", said: Engaged = ANN) -> None:
    engage(shop.store, scope, said, shop.clock)


def let_go(shop: Workshop, scope: str = "all", by: str = "ann") -> bool:
    return release(shop.store, scope, by=by, reason="it was mended", clock=shop.clock)


def copies(shop: Workshop) -> list[Item | None]:
    """What each copy says is engaged."""
    found = shop.store.read(SWITCHES)
    return [found[key]["engaged"] if key in found else None for key in SWITCHES]


def lose(shop: Workshop, number: int) -> None:
    key = keys.switch(number)
    shop.clients("dynamodb").delete_item(TableName="edsr-state", Key={"pk": {"S": key.pk}, "sk": {"S": str(key.sk)}})


def test_once_it_is_pulled_nothing_is_begun_and_once_released_it_is(workshop: Workshop) -> None:
    pull(workshop, SERVICE)
    with pytest.raises(Refused, match=r"the kill switch is engaged \(service:checkout\)"):
        workshop.act()
    assert let_go(workshop, SERVICE) is True
    assert workshop.act()["status"] == "DONE"


def test_all_copies_say_the_same_and_the_record_says_who_and_why(workshop: Workshop) -> None:
    pull(workshop)
    said = {"by": "ann", "reason": "it shifts the wrong alias", "at": epoch(AT), "undo": False}
    assert copies(workshop) == [{"all": said}] * 16
    (record,) = workshop.controls()
    assert (record.kind, record.actor, record.body) == (
        Kind.CONTROL, "ann", {"switch": "engaged", "scope": "all", **said},
    )  # fmt: skip


def test_for_all_it_takes_two_people_to_release_it(workshop: Workshop) -> None:
    pull(workshop)
    assert let_go(workshop, by="ann") is False
    assert all(copy and "all" in copy for copy in copies(workshop)), "one person alone releases nothing"
    with pytest.raises(Refused, match="ann has released all already: a second person has to"):
        let_go(workshop, by="ann")
    assert let_go(workshop, by="bob") is True
    assert copies(workshop) == [{}] * 16
    assert [record.body["switch"] for record in workshop.controls()] == ["engaged", "release-asked", "released"]


def test_pulled_again_it_takes_two_people_again(workshop: Workshop) -> None:
    pull(workshop)
    let_go(workshop, by="ann")
    pull(workshop, said=Engaged("eve", "it is not mended"))
    assert let_go(workshop, by="bob") is False
    assert all(copy and copy["all"]["by"] == "eve" for copy in copies(workshop))


def test_scopes_are_pulled_and_released_beside_each_other(workshop: Workshop) -> None:
    for scope in (SERVICE, "policy:other", "region:us-east-1"):
        pull(workshop, scope)
    assert let_go(workshop, "policy:other") is True
    assert all(set(copy or {}) == {SERVICE, "region:us-east-1"} for copy in copies(workshop))
    with pytest.raises(Refused, match="policy:other is not engaged; engaged are: region:us-east-1, service:checkout"):
        let_go(workshop, "policy:other")
    assert len(workshop.controls()) == 4, "what was refused is not recorded"


def test_all_may_not_end_by_itself(workshop: Workshop) -> None:
    with pytest.raises(Refused, match="all does not end by itself: two people release it"):
        pull(workshop, said=ANN._replace(until=epoch(AT) + 60))
    assert copies(workshop) == [{}] * 16


def sweep_once(shop: Workshop) -> int:
    done: dict[str, int] = shop.call(sweep.handler.handler, SETTINGS)
    return done["released"]


def test_a_scope_with_an_end_is_released_by_the_sweep_with_a_record(workshop: Workshop) -> None:
    pull(workshop, SERVICE, ANN._replace(until=epoch(AT) + 60))
    pull(workshop, "policy:other")
    workshop.clock.tick(seconds=59)
    assert sweep_once(workshop) == 0
    workshop.clock.tick(seconds=1)
    assert sweep_once(workshop) == 1
    assert all(set(copy or {}) == {"policy:other"} for copy in copies(workshop)), "one without an end stays"
    last = workshop.controls()[-1]
    assert (last.actor, last.body["switch"], last.body["reason"]) == ("sweep", "released", "its time is over")
    assert sweep_once(workshop) == 0


def test_a_copy_that_was_lost_stops_everything_and_the_next_pull_makes_it_anew(workshop: Workshop) -> None:
    mine = SWITCHES.index(keys.switch_of(workshop.incident_id))
    lose(workshop, mine)
    with pytest.raises(Refused, match="its item is missing"):
        workshop.act()
    pull(workshop, "policy:other")
    assert all(set(copy or {}) == {"policy:other"} for copy in copies(workshop))
    assert workshop.act()["status"] == "DONE"


def test_what_only_some_copies_say_is_released_on_all(workshop: Workshop) -> None:
    pull(workshop, SERVICE)
    lose(workshop, 3)
    assert let_go(workshop, SERVICE) is True
    assert [copy for copy in copies(workshop) if copy] == []


def test_a_scope_with_an_end_is_released_even_when_the_first_copy_was_lost(workshop: Workshop) -> None:
    pull(workshop, SERVICE, ANN._replace(until=epoch(AT) + 60))
    lose(workshop, 0)
    workshop.clock.tick(seconds=61)
    assert sweep_once(workshop) == 1
    assert [copy for copy in copies(workshop) if copy] == []


def test_what_is_engaged_anew_while_a_sweep_releases_it_stays_engaged(workshop: Workshop) -> None:
    pull(workshop, SERVICE, ANN._replace(until=epoch(AT) + 60))
    workshop.clock.tick(seconds=61)
    ticks = iter([lambda: pull(workshop, SERVICE, Engaged("eve", "it is not over"))])

    def clock() -> datetime:
        next(ticks, lambda: None)()  # once the sweep has read the switch, and before it reads it again
        return workshop.clock()

    given = Runtime(SETTINGS, workshop.clients, clock, lambda: workshop.library)
    assert sweep.handler.handler.handle({}, given)["released"] == 0
    assert all(copy and copy[SERVICE]["by"] == "eve" for copy in copies(workshop))
    assert [record.body["switch"] for record in workshop.controls()] == ["engaged", "engaged"]


def test_a_month_continues_the_one_before_and_seals_it(workshop: Workshop) -> None:
    pull(workshop, SERVICE)
    march = workshop.controls()[-1].hash
    workshop.clock.now = datetime(2026, 6, 1, tzinfo=UTC)
    let_go(workshop, SERVICE)
    pull(workshop, SERVICE)
    assert [record.body["switch"] for record in workshop.controls("2026-06", after=march)] == ["released", "engaged"]
    assert workshop.item(keys.control("2026-03"))["sealed"] is True
    assert "sealed" not in workshop.item(keys.control("2026-06"))


def test_a_clock_that_is_behind_goes_on_in_the_month_that_another_has_begun(workshop: Workshop) -> None:
    pull(workshop, SERVICE)
    workshop.clock.now = datetime(2026, 4, 1, tzinfo=UTC)
    let_go(workshop, SERVICE)
    before = workshop.controls()
    workshop.clock.now = datetime(2026, 3, 31, 23, 59, 58, tzinfo=UTC)
    pull(workshop, SERVICE)
    assert workshop.controls() == before
    april = [record.body["switch"] for record in workshop.controls("2026-04", after=before[-1].hash)]
    assert april == ["released", "engaged"]


def test_whoever_pulls_at_once_each_has_a_record_and_every_scope_is_engaged(workshop: Workshop) -> None:
    scopes, barrier = [f"policy:p{n}" for n in range(6)], Barrier(6)

    def run(scope: str) -> None:
        barrier.wait()
        pull(workshop, scope, Engaged(scope, "at once"))

    threads = [Thread(target=run, args=(scope,)) for scope in scopes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(set(copy or {}) == set(scopes) for copy in copies(workshop))
    assert sorted(record.body["scope"] for record in workshop.controls()) == scopes


def test_the_record_and_the_copies_are_one_write(workshop: Workshop) -> None:
    """Somebody else took the chain's next place: then no copy is changed either."""
    workshop.clock.now = AT
    estate.client("dynamodb").put_item(
        TableName="edsr-audit", Item={"pk": {"S": "CTL#2026-03"}, "seq": {"N": "1"}, "kind": {"S": "CONTROL"}}
    )
    with pytest.raises(Transient):
        pull(workshop)
    assert copies(workshop) == [{}] * 16


def test_an_engage_wins_against_intents_that_look_at_its_copies(workshop: Workshop) -> None:
    """A transaction that lost five times over to others who only looked is tried again from the read on."""

    class Contended:
        def __init__(self) -> None:
            self.lost = 3

        def __getattr__(self, name: str) -> Any:
            return getattr(workshop.store, name)

        def commit(self, writes: Any) -> None:
            if self.lost:
                self.lost -= 1
                raise Transient("a transaction lost its race 5 times: TransactionConflict")
            workshop.store.commit(writes)

    engage(Contended(), "all", ANN, workshop.clock)
    assert all(set(copy or {}) == {"all"} for copy in copies(workshop))
    assert len(workshop.controls()) == 1
