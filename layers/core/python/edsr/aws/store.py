"""The store of the protocol on DynamoDB: consistent reads, transactions, and what their cancellation says."""

import re
from collections.abc import Sequence
from random import SystemRandom
from typing import Any

from edsr.aws.faults import named
from edsr.aws.items import plain, typed
from edsr.errors import Rejected, Transient
from edsr.ports import Cancelled, Client, Item, Key, Sleep, Write, pause
from edsr.settings import Tables

TRIES = 5
_PLACEHOLDER = re.compile(r"#\w+")
_SETTLED = {"None", "ConditionalCheckFailed"}
_NEVER = {"ValidationError", "ItemCollectionSizeLimitExceeded"}


class DynamoStore:
    """`edsr.ports.Store` over two tables. A lost race for an item is tried again with full jitter, then Transient; what
    DynamoDB will never take, such as an item of more than 400 KB, is Rejected."""

    def __init__(self, client: Client, tables: Tables, sleep: Sleep = pause) -> None:
        self._client = client
        self._names = {"state": tables.state_table, "audit": tables.audit_table}
        self._tables = {name: table for table, name in self._names.items()}
        self._sleep = sleep

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Read consistently in one call (more only when DynamoDB leaves some unread)."""
        request: dict[str, Any] = {}
        for key in dict.fromkeys(keys):
            request.setdefault(self._names[key.table], {"Keys": [], "ConsistentRead": True})["Keys"].append(_key(key))
        found: dict[Key, Item] = {}
        for attempt in range(TRIES):
            with named("reading"):
                answer = self._client.batch_get_item(RequestItems=request)
            for table, items in answer["Responses"].items():
                found |= {_key_of(self._tables[table], item): item for item in map(plain, items)}
            request = answer.get("UnprocessedKeys") or {}
            if not request:
                return found
            self._pause(attempt)
        raise Transient("DynamoDB left keys unread five times")

    def partition(self, table: str, pk: str) -> list[Item]:
        """Every item of a partition in order of its sort key."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._names[table],
            ConsistentRead=True,
            KeyConditionExpression="#pk = :pk",
            ExpressionAttributeNames={"#pk": "pk"},
            ExpressionAttributeValues={":pk": {"S": pk}},
        )
        with named("reading"):
            return [plain(item) for page in pages for item in page["Items"]]

    def due(self, shard: str, before: int) -> list[str]:
        """Ids of open incidents to be looked at; the index lags by moments, so read each one before acting on it."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._names["state"],
            IndexName="GSI1",
            KeyConditionExpression="#open = :shard AND #next_check_at < :before",
            ExpressionAttributeNames={"#open": "open", "#next_check_at": "next_check_at"},
            ExpressionAttributeValues=typed({":shard": shard, ":before": before}),
        )
        with named("looking for open incidents"):
            return [str(plain(item)["pk"]).removeprefix("INC#") for page in pages for item in page["Items"]]

    def commit(self, writes: Sequence[Write]) -> None:
        """Do all of it or none; Cancelled says which conditions did not hold and what stood there."""
        request = [self._request(write) for write in writes]
        for attempt in range(TRIES):
            reasons = self._transact(request)
            if reasons is None:
                return
            _refuse_broken(writes, reasons)
            codes = {reason["Code"] for reason in reasons}
            if codes <= _SETTLED:
                raise Cancelled(
                    {
                        write.label: plain(reason.get("Item", {}))
                        for write, reason in zip(writes, reasons, strict=True)
                        if reason["Code"] != "None"
                    }
                )
            self._pause(attempt)
        raise Transient(f"a transaction lost its race {TRIES} times: {', '.join(sorted(codes - _SETTLED))}")

    def _transact(self, request: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        with named("committing"):
            try:
                self._client.transact_write_items(TransactItems=request)
            except self._client.exceptions.TransactionCanceledException as exc:
                reasons: list[dict[str, Any]] = exc.response["CancellationReasons"]
                return reasons
        return None

    def _request(self, write: Write) -> dict[str, Any]:
        said: dict[str, Any] = {
            "TableName": self._names[write.key.table],
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if write.verb == "Put":
            said["Item"] = {**_key(write.key), **typed(write.item or {})}
        else:
            said["Key"] = _key(write.key)
        if write.update:
            said["UpdateExpression"] = write.update
        if write.condition:
            said["ConditionExpression"] = write.condition
        placeholders = set(_PLACEHOLDER.findall(f"{write.update} {write.condition}"))
        said["ExpressionAttributeNames"] = {
            name: (write.names or {}).get(name, name[1:]) for name in sorted(placeholders)
        }
        if write.values:
            said["ExpressionAttributeValues"] = typed(write.values)
        return {"ConditionCheck" if write.verb == "Check" else write.verb: said}

    def _pause(self, attempt: int) -> None:
        self._sleep(SystemRandom().uniform(0, 0.05 * 2**attempt))


def _refuse_broken(writes: Sequence[Write], reasons: Sequence[dict[str, Any]]) -> None:
    broken = [(write.label, reason) for write, reason in zip(writes, reasons, strict=True) if reason["Code"] in _NEVER]
    if broken:
        said = "; ".join(f"{label}: {reason['Code']} {reason.get('Message', '')}" for label, reason in broken)
        raise Rejected(f"DynamoDB takes no such transaction: {said}")


def _sort_key(table: str) -> str:
    return "seq" if table == "audit" else "sk"


def _key(key: Key) -> dict[str, Any]:
    return typed({"pk": key.pk, _sort_key(key.table): key.sk})


def _key_of(table: str, item: Item) -> Key:
    return Key(table, item["pk"], item[_sort_key(table)])
