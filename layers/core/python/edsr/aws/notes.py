"""The notes of techniques on DynamoDB: one item at a time, each changed under its condition."""

from collections.abc import Sequence
from typing import Any

from edsr.aws.faults import named
from edsr.aws.items import plain, typed
from edsr.errors import Transient
from edsr.ports import Client, Item, Key
from edsr.technique.notes import Entry

TRIES = 5


class DynamoNotes:
    """`edsr.technique.notes.Notes` over the state table."""

    def __init__(self, client: Client, table: str) -> None:
        self._client, self._table = client, table

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read consistently in one call (more only when DynamoDB leaves some unread)."""
        request: dict[str, Any] = {self._table: {"Keys": [_key(key) for key in keys], "ConsistentRead": True}}
        found: dict[Key, Item] = {}
        for _ in range(TRIES):
            with named("reading notes"):
                answer = self._client.batch_get_item(RequestItems=request)
            for item in map(plain, answer["Responses"].get(self._table, [])):
                found[Key("state", item.pop("pk"), item.pop("sk"))] = item
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                return found
        raise Transient(f"DynamoDB left keys unread {TRIES} times")

    def enter(self, key: Key, entry: Entry) -> Item:
        """Note something once; the answer is the item, whether this call has changed it or not."""
        with named("noting an event"):
            try:
                answer = self._client.update_item(
                    TableName=self._table,
                    Key=_key(key),
                    UpdateExpression="SET #name = :value, #ttl = :ttl ADD #counter :one",
                    ConditionExpression="attribute_not_exists(#name)"
                    " AND (attribute_not_exists(#counter) OR #counter < :most)",
                    ExpressionAttributeNames={"#name": entry.name, "#counter": entry.counter, "#ttl": "ttl"},
                    ExpressionAttributeValues=typed(
                        {":value": entry.value, ":ttl": entry.ttl, ":one": 1, ":most": entry.most}
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
                item = answer["Attributes"]
            except self._client.exceptions.ConditionalCheckFailedException as exc:
                item = exc.response["Item"]
        return _without_key(plain(item))

    def replace(self, key: Key, item: Item, ver: int) -> bool:
        """Compare and set; False when another was faster."""
        held = {"ExpressionAttributeValues": typed({":ver": ver})} if ver else {}
        with named("replacing a note"):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item={**_key(key), **typed({**item, "ver": ver + 1})},
                    ConditionExpression="#ver = :ver" if ver else "attribute_not_exists(#ver)",
                    ExpressionAttributeNames={"#ver": "ver"},
                    **held,
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return False
        return True

    def newest(self, key: Key, item: Item) -> Item | None:
        """One conditional write, whose answer is what stood there."""
        with named("noting what came"):
            try:
                answer = self._client.put_item(
                    TableName=self._table,
                    Item={**_key(key), **typed(item)},
                    ConditionExpression="attribute_not_exists(#at) OR #at < :at",
                    ExpressionAttributeNames={"#at": "at"},
                    ExpressionAttributeValues=typed({":at": item["at"]}),
                    ReturnValues="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
        return _without_key(plain(answer.get("Attributes", {})))


def _key(key: Key) -> dict[str, Any]:
    return typed({"pk": key.pk, "sk": key.sk})


def _without_key(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in ("pk", "sk")}
