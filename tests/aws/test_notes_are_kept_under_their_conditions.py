"""The notes of techniques on DynamoDB do what those in memory do, also when sixteen write at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from edsr.aws.notes import DynamoNotes
from edsr.errors import Transient
from edsr.protocol import keys
from edsr.technique.chosen import observe
from edsr.technique.notes import Entry, Memory, Notes
from tests import estate
from tests.aws.services import refusal
from tests.things import ALIAS, AT
from tests.unit.test_events_are_counted_within_a_window import counting, seen

KEY = keys.counted("some-policy", ALIAS, 7)
OTHER = keys.episodes("some-policy", ALIAS)


def dynamo() -> Notes:
    estate.make_tables()
    return DynamoNotes(estate.client("dynamodb"), "edsr-state")


def entry(name: str, value: Any = 5, most: int = 2) -> Entry:
    return Entry(name, value, "n", most, 99)


@pytest.fixture(params=[Memory, dynamo])
def notes(request: pytest.FixtureRequest, aws: None) -> Notes:  # noqa: ARG001 - moto has to answer first
    made: Callable[[], Notes] = request.param
    return made()


def test_what_is_noted_stays_as_it_is_and_what_is_over_the_most_is_not(notes: Notes) -> None:
    assert notes.enter(KEY, entry("a")) == {"a": 5, "n": 1, "ttl": 99}
    assert notes.enter(KEY, entry("a", 6)) == {"a": 5, "n": 1, "ttl": 99}
    assert notes.enter(KEY, entry("b", {"at": 7})) == {"a": 5, "b": {"at": 7}, "n": 2, "ttl": 99}
    assert "c" not in notes.enter(KEY, entry("c"))
    assert notes.read([KEY, OTHER]) == {KEY: {"a": 5, "b": {"at": 7}, "n": 2, "ttl": 99}}


def test_an_item_is_replaced_only_by_who_has_seen_it(notes: Notes) -> None:
    assert notes.replace(KEY, {"a": 1}, 0)
    assert not notes.replace(KEY, {"a": 2}, 0)
    assert notes.replace(KEY, {"a": 3}, 1)
    assert not notes.replace(KEY, {"a": 4}, 1)
    assert notes.read([KEY]) == {KEY: {"a": 3, "ver": 2}}


def test_only_what_is_newer_takes_the_place_and_says_what_stood_there(notes: Notes) -> None:
    assert notes.newest(KEY, {"at": 5, "a": 1}) == {}
    assert notes.newest(KEY, {"at": 5, "a": 2}) is None
    assert notes.newest(KEY, {"at": 4}) is None
    assert notes.newest(KEY, {"at": 6}) == {"at": 5, "a": 1}
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda at: notes.newest(KEY, {"at": at}), range(16)))
    assert notes.read([KEY]) == {KEY: {"at": 15}}


def test_sixteen_at_once_tell_of_one_burst_once(notes: Notes) -> None:
    burst = [seen(52 + second, f"event-{second}") for second in range(16)]
    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(lambda one: observe(one, counting(16), notes, AT).findings, burst))
    assert len({found.id for findings in told for found in findings}) == 1


def test_an_event_costs_one_write_and_one_read_and_a_whole_burst_one_write_more(aws: None) -> None:  # noqa: ARG001
    notes, calls = dynamo(), list[str]()
    estate.client("dynamodb").meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    for second in (1, 2):
        observe(seen(second), counting(), notes, AT)
    assert calls == ["UpdateItem", "BatchGetItem"] * 2
    calls.clear()
    observe(seen(3), counting(), notes, AT)
    assert calls == ["UpdateItem", "BatchGetItem", "PutItem"]


class Busy:
    """A DynamoDB that never has time."""

    class exceptions:  # noqa: N801 - botocore's name
        """What a client names its errors by."""

        class ConditionalCheckFailedException(Exception):
            """Not what is raised here."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def refuse(**_: Any) -> Any:
            raise refusal("ProvisionedThroughputExceededException")

        return refuse


def test_a_busy_table_is_transient_so_that_lambda_tries_again() -> None:
    notes = DynamoNotes(Busy(), "edsr-state")
    at: datetime = AT + timedelta(seconds=1)
    asks: list[Callable[[], Any]] = [
        lambda: notes.read([KEY]),
        lambda: notes.enter(KEY, entry("a")),
        lambda: notes.replace(KEY, {"at": at.isoformat()}, 0),
        lambda: notes.newest(KEY, {"at": 1}),
    ]
    for ask in asks:
        with pytest.raises(Transient):
            ask()
