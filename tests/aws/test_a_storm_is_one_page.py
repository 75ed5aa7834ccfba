"""A storm on DynamoDB: one incident tells of it, and what it holds is told in that one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from edsr.errors import Refused
from edsr.model import State
from edsr.ports import Store, Write
from edsr.protocol import keys
from edsr.protocol.brakes import unwell_keys
from edsr.protocol.ending import Ending, end
from edsr.times import epoch
from notify.asking import asking
from record.announce import announcement, detail_type
from tests.aws.conftest import Workshop, a_result, another
from tests.things import AT

NOW = epoch(AT)
STORM = keys.storm("checkout", "lambda:alias")
ILL = unwell_keys("checkout", "lambda:alias", AT)[1]
REFUSED = {"Error": "Refused", "Cause": "a guard said no"}


def told(shop: Workshop) -> str | None:
    """The storm that the incident's last record says it belongs to."""
    said: str | None = shop.records()[-1].body.get("storm")
    return said


def test_what_is_planned_when_a_storm_is_told_does_not_begin_and_is_told_in_it(workshop: Workshop) -> None:
    workshop.put(STORM, inc_id="i-9", until=NOW + 60)
    with pytest.raises(Refused, match="a storm: i-9 told a person"):
        workshop.act()
    assert workshop.aliases.updates == []
    assert workshop.end("ABORTED", error=REFUSED) == "ABORTED"
    assert told(workshop) == "i-9"


def test_a_storm_that_is_over_holds_nothing(workshop: Workshop) -> None:
    workshop.put(STORM, inc_id="i-9", until=NOW - 1)
    assert workshop.act()["status"] == "DONE"


def test_what_has_acted_is_a_persons_to_look_at_whatever_the_weather(workshop: Workshop) -> None:
    workshop.act()
    workshop.put(STORM, inc_id="i-9", until=NOW + 60)
    assert workshop.end("ABORTED", [a_result(judged="unknown")], error=REFUSED) == "ABORTED"
    assert told(workshop) is None


def test_of_those_that_a_crowd_of_the_unwell_holds_one_tells_and_the_others_are_told_in_it(workshop: Workshop) -> None:
    basket = another(workshop)
    workshop.put(ILL, **{f"arn:{n}": NOW for n in range(60)})
    assert (workshop.end("ABORTED", error=REFUSED), told(workshop)) == ("ABORTED", None)
    assert workshop.item(STORM)["inc_id"] == workshop.incident_id
    assert (basket.end("ABORTED", error=REFUSED), told(basket)) == ("ABORTED", workshop.incident_id)


@dataclass
class Late:
    """A store in which something happens just before the first write."""

    store: Store
    happens: list[Callable[[], object]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def commit(self, writes: Sequence[Write]) -> None:
        """Write, after what happens."""
        while self.happens:
            self.happens.pop()()
        self.store.commit(writes)


def test_of_two_that_would_tell_at_once_one_does(workshop: Workshop) -> None:
    basket = another(workshop)
    workshop.put(ILL, **{f"arn:{n}": NOW for n in range(60)})
    late = Late(workshop.store, [lambda: basket.end("ABORTED", error=REFUSED)])
    ending = Ending(State.ABORTED, "a guard said no", [])
    end(late, workshop.incident_id, lambda _: ending, actor="close", clock=workshop.clock)
    assert [told(basket), told(workshop)] == [None, basket.incident_id]


def test_an_end_that_a_few_unwell_have_nothing_to_do_with_tells_of_itself(workshop: Workshop) -> None:
    assert workshop.end("ABORTED", error=REFUSED) == "ABORTED"
    assert told(workshop) is None
    assert workshop.item(STORM) == {}


@pytest.mark.parametrize(("storm", "level"), [(True, None), (False, "page")])
def test_channels_ask_nobody_for_what_a_storm_holds(workshop: Workshop, storm: bool, level: str | None) -> None:
    if storm:
        workshop.put(STORM, inc_id="i-9", until=NOW + 60)
    workshop.end("ABORTED", error=REFUSED)
    last = workshop.records()[-1]
    detail = announcement(last)
    assert detail is not None
    heard = asking(detail_type(last), detail["data"])
    assert heard is not None
    assert heard.level == level
