"""The reference DynamoDB against moto: the same random operations, the same answers, reasons and items."""

import itertools
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.chaos.asks import Table
from tests.chaos.dynamo import Dynamo
from tests.estate import REGION

TABLE = "edsr-state"
VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":two": {"N": "2"},
    ":text": {"S": "a"},
    ":other": {"S": "b"},
    ":set": {"SS": ["a", "b"]},
    ":part": {"SS": ["a"]},
    ":empty": {"M": {}},
    ":map": {"M": {"k": {"N": "1"}}},
    ":yes": {"BOOL": True},
}
NAMES = {"#n": "n", "#s": "s", "#m": "m", "#t": "t", "#k": "k", "#u": "u", "#pk": "pk"}
ATOMS = [
    "attribute_exists(#pk)",
    "attribute_not_exists(#n)",
    "attribute_not_exists(#m.#k)",
    "#n = :one",
    "#n < :two",
    "#n <= :one",
    "#n > :one",
    "#n >= :two",
    "#t <> :text",
    "#t IN (:text, :other)",
    "(attribute_exists(#s) AND size(#s) < :two)",
    "contains(#s, :text)",
    "#m.#k = :one",
    "#u = :yes",
    "(attribute_not_exists(#m) OR #m.#k = :two)",
]
UPDATES = [
    "SET #n = :one",
    "SET #n = :two, #t = :text",
    "SET #n = if_not_exists(#n, :two), #u = :yes",
    "SET #m = if_not_exists(#m, :empty)",
    "SET #m = :map REMOVE #t",
    "SET #m.#k = :two",
    "SET #n = #n + :one",
    "REMOVE #n, #t",
    "REMOVE #m.#k",
    "ADD #n :one",
    "ADD #s :set",
    "ADD #s :part SET #t = :other",
    "DELETE #s :part",
    "DELETE #s :set",
]
ITEMS = [{}, {"n": {"N": "1"}, "t": {"S": "a"}}, {"s": {"SS": ["a", "b"]}, "m": {"M": {"k": {"N": "2"}}}}]
# Where moto is known to be wrong, and is not asked or not believed: it fails over the size of what is not there (AWS:
# false); an update that cannot be done is a ValidationException to it, not a cancellation with the reason
# ValidationError; it takes unused placeholders in some transactions, a set with duplicates, and changes of keys; it
# ignores ClientRequestToken and lets no two transactions conflict.

atoms = st.sampled_from(ATOMS)
conditions = st.one_of(
    st.just(""),
    atoms,
    st.builds("NOT {}".format, atoms),
    st.builds("{} AND {}".format, atoms, atoms),
    st.builds("{} OR {}".format, atoms, atoms),
    st.builds("({} OR {}) AND {}".format, atoms, atoms, atoms),
)
writes = st.tuples(
    st.sampled_from(["Put", "Update", "Update", "Delete", "ConditionCheck"]),
    conditions,
    st.sampled_from(UPDATES),
    st.sampled_from(ITEMS),
)
transactions = st.lists(
    st.tuples(st.sampled_from("abc"), writes), min_size=1, max_size=3, unique_by=lambda part: part[0]
)
_numbers = itertools.count()


@pytest.fixture(scope="module")
def moto() -> Iterator[Any]:
    with mock_aws():
        client = boto3.client(
            "dynamodb",
            region_name=REGION,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1}),
        )
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        yield client


def asked(pk: str, sk: str, write: tuple[str, str, str, dict[str, Any]]) -> dict[str, Any]:
    verb, condition, update, item = write
    key = {"pk": {"S": pk}, "sk": {"S": sk}}
    said: dict[str, Any] = {"TableName": TABLE, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    said |= {"Item": {**key, **item}} if verb == "Put" else {"Key": key}
    condition = condition or ("attribute_exists(#pk)" if verb == "ConditionCheck" else "")
    text = f"{condition} {update if verb == 'Update' else ''}"
    if condition:
        said["ConditionExpression"] = condition
    if verb == "Update":
        said["UpdateExpression"] = update
    names = {name: inner for name, inner in NAMES.items() if name in text.replace("(", " ").replace(")", " ")}
    values = {name: inner for name, inner in VALUES.items() if name in text}
    said |= {"ExpressionAttributeNames": names} if names else {}
    said |= {"ExpressionAttributeValues": values} if values else {}
    return {verb: said}


def answer(client: Any, request: list[dict[str, Any]]) -> Any:
    try:
        client.transact_write_items(TransactItems=request)
    except ClientError as exc:
        reasons = exc.response.get("CancellationReasons", [])
        if exc.response["Error"]["Code"] == "ValidationException" or "ValidationError" in [r["Code"] for r in reasons]:
            return "an update that cannot be done", []
        return exc.response["Error"]["Code"], [(reason["Code"], settled(reason.get("Item"))) for reason in reasons]
    return "done", []


def settled(item: Any) -> Any:
    """Sets in order."""
    return {name: sorted(value["SS"]) if "SS" in value else value for name, value in (item or {}).items()}


def everything(client: Any, pk: str) -> list[Any]:
    said = client.query(
        TableName=TABLE,
        ConsistentRead=True,
        KeyConditionExpression="#pk = :pk",
        ExpressionAttributeNames={"#pk": "pk"},
        ExpressionAttributeValues={":pk": {"S": pk}},
    )
    return [settled(item) for item in said["Items"]]


@settings(max_examples=80, derandomize=True, phases=[Phase.generate])  # shrinking takes minutes
@given(st.lists(transactions, min_size=1, max_size=6))
def test_random_transactions_come_to_the_same(moto: Any, history: list[Any]) -> None:
    reference, pk = Dynamo({TABLE: Table("sk")}), f"p{next(_numbers)}"
    for transaction in history:
        request = [asked(pk, sk, write) for sk, write in transaction]
        assert answer(reference, request) == answer(moto, request), request
        assert everything(reference, pk) == everything(moto, pk), request


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ExpressionAttributeNames": {"#pk": "pk", "#n": "n"}}, "unused in expressions"),
        ({"ExpressionAttributeValues": {":one": {"N": "1"}}}, "unused in expressions"),
        ({"ExpressionAttributeNames": {}}, "must not be empty"),
        ({"ConditionExpression": "#pk = :nowhere"}, "not defined"),
        ({"ConditionExpression": "#pk ="}, "Syntax error"),
        ({"Item": {"pk": {"S": "x"}, "sk": {"S": "y"}, "s": {"SS": []}}}, "may not be empty"),
        ({"Item": {"pk": {"S": "x"}}}, "does not match the schema"),
    ],
)
def test_what_aws_would_not_take_is_refused(change: dict[str, Any], said: str) -> None:
    put = {
        "TableName": TABLE,
        "Item": {"pk": {"S": "x"}, "sk": {"S": "y"}},
        "ConditionExpression": "attribute_not_exists(#pk)",
        "ExpressionAttributeNames": {"#pk": "pk"},
    }
    with pytest.raises(ClientError, match=said):
        Dynamo({TABLE: Table("sk")}).transact_write_items(TransactItems=[{"Put": put | change}])


def test_one_item_is_written_once_in_a_transaction() -> None:
    put = asked("p", "a", ("Put", "", "", {}))
    with pytest.raises(ClientError, match="multiple operations on one item"):
        Dynamo({TABLE: Table("sk")}).transact_write_items(TransactItems=[put, put])
