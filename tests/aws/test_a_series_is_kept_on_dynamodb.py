"""anomaly over DynamoDB: its state comes back as it went, two at once are held apart, and garbage is begun anew."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from edsr.aws.notes import DynamoNotes
from edsr.errors import Transient
from edsr.technique.notes import Memory, Notes
from tests import estate
from tests.unit.test_a_number_is_judged_by_those_before_it import KEY, USUAL, series, show


@pytest.fixture
def notes(aws: None) -> Notes:  # noqa: ARG001 - moto has to answer first
    """The table, and in it a series that has learned what is usual."""
    estate.make_tables()
    learned, table = Memory(), DynamoNotes(estate.client("dynamodb"), "edsr-state")
    series(learned, USUAL)
    assert table.replace(KEY, {name: value for name, value in learned.items[KEY].items() if name != "ver"}, 0)
    return table


def test_a_series_read_from_the_table_judges_as_one_in_memory(notes: Notes) -> None:
    memory = Memory()
    series(memory, USUAL)
    (found,) = show(notes, 200, 250).findings
    assert found == show(memory, 200, 250).findings[0]
    assert notes.read([KEY])[KEY]["state"] == memory.items[KEY]["state"]
    assert show(notes, 200, 250).findings == (found,)


def test_a_number_costs_one_read_and_one_write(notes: Notes) -> None:
    calls = list[str]()
    estate.client("dynamodb").meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    show(notes, 200, 101)
    show(notes, 200, 101)
    assert calls == ["BatchGetItem", "PutItem", "BatchGetItem"]


def test_of_eight_at_once_none_is_learned_twice(notes: Notes) -> None:
    def one(n: int) -> str:
        try:
            return show(notes, 200 + n, 100).why
        except Transient:
            return "later"

    before = notes.read([KEY])[KEY]["ver"]
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(one, [*range(8), *range(8)]))
    learned = [why for why in said if why != "later" and not why.startswith("ignored")]
    assert learned
    assert notes.read([KEY])[KEY]["ver"] == before + len(learned)


@pytest.mark.parametrize("garbled", [b"EDSA", "text", 7, None])
def test_a_garbled_state_is_begun_anew_and_kept_well_from_there(notes: Notes, garbled: Any) -> None:
    item = notes.read([KEY])[KEY]
    assert notes.replace(KEY, item | {"state": garbled}, item["ver"])
    assert show(notes, 200, 250).fault.startswith("its state cannot be read: ")
    assert show(notes, 201, 250).fault == ""
