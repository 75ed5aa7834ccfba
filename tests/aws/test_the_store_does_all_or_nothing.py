"""DynamoDB as the protocol uses it: one read, all-or-nothing writes, and what a cancellation says."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from edsr.aws.faults import named
from edsr.aws.items import plain, typed
from edsr.aws.store import TRIES, DynamoStore
from edsr.errors import Denied, Gone, Rejected, Transient
from edsr.ports import Cancelled, Key, Write
from tests import estate
from tests.aws.services import refusal

ONE, TWO, THIRD = (Key("state", name, "-") for name in ("one", "two", "third"))


@pytest.fixture
def store(aws: None) -> DynamoStore:  # noqa: ARG001 - moto has to answer first
    estate.make_tables()
    return DynamoStore(estate.client("dynamodb"), estate.TABLES)


def put(key: Key, **item: Any) -> Write:
    return Write(key.pk, "Put", key, "attribute_not_exists(#pk)", item=item)


def test_what_is_committed_is_read_back_and_what_is_absent_is_left_out(store: DynamoStore) -> None:
    item = {"n": 7, "deep": {"list": [1, "x", None, True, {"y": 2}]}, "set": {"a", "b"}}
    store.commit([put(ONE, **item), Write("R", "Put", Key("audit", "one", 1), item={"body": {}})])
    found = store.read([ONE, ONE, TWO, Key("audit", "one", 1)])
    assert set(found) == {ONE, Key("audit", "one", 1)}
    assert {name: found[ONE][name] for name in item} == item


def test_a_number_that_is_not_whole_does_not_read_as_one_that_is() -> None:
    assert plain({"n": {"N": "1"}}) == {"n": 1}
    assert plain({"n": {"N": "1.5"}})["n"] != 1


def test_a_partition_comes_in_the_order_of_its_sort_key(store: DynamoStore) -> None:
    store.commit([Write(str(n), "Put", Key("audit", "chain", n), item={"n": n}) for n in (10, 2, 1)])
    assert [item["seq"] for item in store.partition("audit", "chain")] == [1, 2, 10]


def test_a_cancellation_changes_nothing_and_carries_what_stood_there(store: DynamoStore) -> None:
    store.commit([put(ONE, st="old")])
    check = Write("absent", "Check", THIRD, "attribute_exists(#pk)")
    with pytest.raises(Cancelled, match="conditions that did not hold: absent, one") as error:
        store.commit([put(TWO, st="new"), put(ONE, st="new"), check])
    assert error.value.found == {"one": {"pk": "one", "sk": "-", "st": "old"}, "absent": {}}
    assert store.read([TWO]) == {}


def test_every_name_is_a_placeholder_also_one_with_a_colon_in_it(store: DynamoStore) -> None:
    store.commit([put(ONE, map={})])
    names = {"#scope": "service:check.out"}
    store.commit([Write("u", "Update", ONE, "", "SET #map.#scope = :v", names=names, values={":v": 1})])
    assert store.read([ONE])[ONE]["map"] == {"service:check.out": 1}


class Racing:
    """A DynamoDB that answers each transaction with the next of these reasons; the last one stays."""

    class exceptions:  # noqa: N801 - botocore's name
        """As botocore has it."""

        class TransactionCanceledException(ClientError):  # type: ignore[misc] # botocore is untyped
            """Cancelled."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    def transact_write_items(self, **_: Any) -> None:
        """Cancel it for the next reasons; succeed when there are none left."""
        self.asked += 1
        codes = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if codes:
            said: Any = {
                **refusal("TransactionCanceledException").response,
                "CancellationReasons": [{"Code": code} for code in codes],
            }
            raise self.exceptions.TransactionCanceledException(said, "TransactWriteItems")


def commit(racing: Racing) -> list[float]:
    slept: list[float] = []
    DynamoStore(racing, estate.TABLES, slept.append).commit([put(ONE), put(TWO)])
    return slept


def test_a_lost_race_is_run_again_with_jitter() -> None:
    racing = Racing(["TransactionConflict", "None"], ["None", "ThrottlingError"], [])
    slept = commit(racing)
    assert racing.asked == 3
    assert len(slept) == 2
    assert all(0 <= span <= 0.05 * 2**attempt for attempt, span in enumerate(slept))


def test_a_race_lost_five_times_is_transient() -> None:
    racing = Racing(["TransactionConflict", "ConditionalCheckFailed"])
    with pytest.raises(Transient, match="lost its race 5 times: TransactionConflict"):
        commit(racing)
    assert racing.asked == TRIES


def test_a_condition_that_does_not_hold_is_not_tried_again() -> None:
    racing = Racing(["ConditionalCheckFailed", "None"])
    with pytest.raises(Cancelled):
        commit(racing)
    assert racing.asked == 1


@pytest.mark.parametrize("code", ["ValidationError", "ItemCollectionSizeLimitExceeded"])
def test_what_dynamodb_will_never_take_is_not_tried_again(code: str) -> None:
    racing = Racing(["TransactionConflict", code])
    with pytest.raises(Rejected, match=f"DynamoDB takes no such transaction: two: {code}"):
        commit(racing)
    assert racing.asked == 1


class Forgetful:
    """A DynamoDB that leaves keys unread for a while."""

    def __init__(self, times: int) -> None:
        self.times = times

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - botocore's name
        """Half an answer."""
        self.times -= 1
        return {"Responses": {}, "UnprocessedKeys": RequestItems if self.times >= 0 else {}}


def test_keys_left_unread_are_asked_for_again_and_five_times_at_most() -> None:
    assert DynamoStore(Forgetful(4), estate.TABLES, lambda _: None).read([ONE]) == {}
    with pytest.raises(Transient, match="left keys unread five times"):
        DynamoStore(Forgetful(5), estate.TABLES, lambda _: None).read([ONE])


@pytest.mark.parametrize(
    ("code", "status", "target", "error"),
    [
        ("AccessDeniedException", 400, False, Denied),
        ("AccessDenied", 403, True, Denied),
        ("UnauthorizedOperation", 403, False, Denied),
        ("ThrottlingException", 400, False, Transient),
        ("ProvisionedThroughputExceededException", 400, False, Transient),
        ("ExecutionLimitExceeded", 400, False, Transient),
        ("SlowDown", 503, False, Transient),
        ("Whatever", 500, False, Transient),
        ("Whatever", 503, True, Transient),
        ("ResourceNotFoundException", 404, True, Gone),
        ("ResourceNotFoundException", 404, False, Rejected),
        ("ValidationException", 400, True, Rejected),
    ],
)
def test_every_aws_error_has_one_of_our_names_and_keeps_its_cause(
    code: str, status: int, target: bool, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"doing it: .*{code}") as raised, named("doing it", target=target):
        raise refusal(code, status)
    assert isinstance(raised.value.__cause__, ClientError)


def test_a_line_that_is_down_is_transient() -> None:
    with pytest.raises(Transient, match="doing it"), named("doing it"):
        raise EndpointConnectionError(endpoint_url="https://x")


def test_a_fault_of_our_own_is_left_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError), named("doing it"):
        _ = 1 / 0


def test_items_keep_their_shape_on_the_way_there_and_back() -> None:
    item = {"a": 1, "b": "x", "c": None, "d": True, "e": [1, {"f": {"g": 2}}], "h": {"i", "j"}}
    assert plain(typed(item)) == item
