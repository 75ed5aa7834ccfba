"""A reference DynamoDB client: atomic, serializable, in memory, as strict as AWS where moto is lenient."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.chaos.asks import (
    NO_PLACEHOLDERS,
    Ask,
    Place,
    Stored,
    Table,
    ask_of,
    invalid,
    place_of,
    refuse_placeholders,
    table_of,
)
from tests.chaos.errors import Exceptions, error
from tests.chaos.expressions import ExpressionInvalid, Given, Typed, condition

ITEMS_IN_TRANSACTION = 100


class Memory:
    """What was worked out before. Requests and items are never changed, so that the same ones give the same again.

    They are told apart by their identities; each is kept here, so that no other ever gets the same one.
    """

    def __init__(self) -> None:
        self.asks: dict[int, tuple[Any, list[Ask]]] = {}
        self.done: dict[tuple[int, ...], tuple[Any, list[Stored | None], list[dict[str, Any]]]] = {}
        self.found: dict[tuple[int, ...], tuple[Any, dict[str, Any]]] = {}
        self.places: dict[int, tuple[Any, dict[str, list[Place]]]] = {}
        self.spelled: dict[int, tuple[Any, bytes]] = {}


class Dynamo:
    """Items are never changed in place: who holds one may keep it."""

    exceptions = Exceptions()

    def __init__(self, tables: Mapping[str, Table], memory: Memory | None = None) -> None:
        self.tables = dict(tables)
        self.items: dict[Place, Stored] = {}
        self._memory = memory or Memory()

    def transact_write_items(self, *, TransactItems: Sequence[dict[str, Any]], **_: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        """All of it or none; the reasons stand in the order of the items."""
        asks = self._asks(TransactItems)
        before = [self.items.get(ask.place, _NOTHING) for ask in asks]
        key = (id(asks), *map(id, before))
        if key not in self._memory.done:
            self._memory.done[key] = (before, *self._tried(asks, before))
        _, after, reasons = self._memory.done[key]
        if reasons:
            codes = ", ".join(reason["Code"] for reason in reasons)
            raise error(
                "TransactionCanceledException",
                f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
                CancellationReasons=reasons,
            )
        for ask, made in zip(asks, after, strict=True):
            self._store(ask.place, made)
        return {}

    def _tried(self, asks: Sequence[Ask], before: Sequence[Stored]) -> tuple[list[Stored | None], list[dict[str, Any]]]:
        """The items afterwards, and the reasons why not: those are none, or one for each item."""
        reasons: list[dict[str, Any] | None] = []
        after: list[Stored | None] = []
        for ask, item in zip(asks, before, strict=True):
            reasons.append(self._reason(ask, item))
            try:
                after.append(item if reasons[-1] else ask.becomes(item))
            except ExpressionInvalid as exc:
                reasons[-1] = {"Code": "ValidationError", "Message": str(exc)}
        return after, [reason or {"Code": "None"} for reason in reasons] if any(reasons) else []

    def put_item(self, **said: Any) -> dict[str, Any]:
        """Replace one item."""
        return self._one("Put", said)

    def update_item(self, **said: Any) -> dict[str, Any]:
        """Change one item, or begin it."""
        return self._one("Update", said)

    def delete_item(self, **said: Any) -> dict[str, Any]:
        """Remove one item."""
        return self._one("Delete", said)

    def get_item(self, *, TableName: str, Key: dict[str, Typed], **_: Any) -> dict[str, Any]:  # noqa: N803
        """One item, or an answer without one."""
        item = self.items.get(place_of(self.tables, TableName, Key))
        return {"Item": item} if item else {}

    def batch_get_item(self, *, RequestItems: Mapping[str, Any], **_: Any) -> dict[str, Any]:  # noqa: N803
        """The items that are there, of those asked for."""
        known = self._memory.places.get(id(RequestItems))
        if known is None:
            known = self._memory.places[id(RequestItems)] = (RequestItems, self._wanted(RequestItems))
        places = known[1]
        found = {table: [self.items[at] for at in wanted if at in self.items] for table, wanted in places.items()}
        key = (id(RequestItems), *(id(item) for items in found.values() for item in items))
        answer = {"Responses": found, "UnprocessedKeys": {}}
        return self._memory.found.setdefault(key, (RequestItems, answer))[1]

    def _wanted(self, requested: Mapping[str, Any]) -> dict[str, list[Place]]:
        """Where what is asked for is."""
        places = {
            table: [place_of(self.tables, table, key) for key in asked["Keys"]] for table, asked in requested.items()
        }
        if any(len(set(wanted)) != len(wanted) for wanted in places.values()):
            raise invalid("Provided list of item keys contains duplicates")
        return places

    def query(self, **said: Any) -> dict[str, Any]:
        """Items of one partition of the table or of an index, in order."""
        return self._page(said, self._chosen(said, said["KeyConditionExpression"]))

    def scan(self, **said: Any) -> dict[str, Any]:
        """Every item."""
        return self._page(said, self._chosen(said, ""))

    def get_paginator(self, operation: str) -> "Paginator":
        """Page after page of `query` or `scan`."""
        return Paginator(self, operation)

    def _one(self, verb: str, said: dict[str, Any]) -> dict[str, Any]:
        ask = ask_of(self.tables, verb, said)
        item = self.items.get(ask.place, {})
        if self._reason(ask, item):
            more: dict[str, Any] = {"Item": item} if ask.says_old and item else {}
            raise error("ConditionalCheckFailedException", "The conditional request failed", **more)
        try:
            made = ask.becomes(item)
        except ExpressionInvalid as exc:
            raise invalid(str(exc)) from exc
        self._store(ask.place, made)
        wanted = {"ALL_OLD": item, "ALL_NEW": made}.get(said.get("ReturnValues", "NONE"))
        return {"Attributes": wanted} if wanted else {}

    @staticmethod
    def _reason(ask: Ask, item: Stored) -> dict[str, Any] | None:
        if ask.holds(item):
            return None
        old = {"Item": item} if ask.says_old and item else {}
        return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **old}

    def _store(self, place: Place, made: Stored | None) -> None:
        if made is None:
            self.items.pop(place, None)
        else:
            self.items[place] = made

    def _asks(self, asked: Sequence[dict[str, Any]]) -> list[Ask]:
        """What a transaction asks for; the same request, sent again, is read once."""
        known = self._memory.asks.get(id(asked))
        if known and known[0] is asked:
            return known[1]
        if not 1 <= len(asked) <= ITEMS_IN_TRANSACTION:
            raise invalid(f"Member must have length less than or equal to {ITEMS_IN_TRANSACTION}")
        asks = [ask_of(self.tables, verb, said) for part in asked for verb, said in part.items()]
        if len({ask.place for ask in asks}) != len(asks):
            raise invalid("Transaction request cannot include multiple operations on one item")
        self._memory.asks[id(asked)] = (asked, asks)
        return asks

    def _chosen(self, said: dict[str, Any], keys: str) -> Iterator[Stored]:
        table = table_of(self.tables, said["TableName"])
        names, values = said.get("ExpressionAttributeNames", {}), said.get("ExpressionAttributeValues", {})
        texts = [text for text in (keys, said.get("FilterExpression")) if text]
        tests = [condition(text) for text in texts]
        refuse_placeholders(names or None, values or None, NO_PLACEHOLDERS.union(*(used for _, used in tests)))
        hashed, sort = table.indexes[said["IndexName"]] if "IndexName" in said else ("pk", table.sort)
        items = [item for place, item in self.items.items() if place[0] == said["TableName"] and hashed in item]
        for item in sorted(items, key=lambda item: (item[hashed]["S"], _rank(item.get(sort)))):
            if all(test(Given(item, names, values)) for test, _ in tests):
                yield item

    @staticmethod
    def _page(said: dict[str, Any], found: Iterator[Stored]) -> dict[str, Any]:
        items = list(found)
        if not said.get("ScanIndexForward", True):
            items.reverse()
        page = items[: said.get("Limit", len(items))]
        return {"Items": page, "Count": len(page), "ScannedCount": len(page)}


class Paginator(NamedTuple):
    """`get_paginator`'s answer; every page holds all there is."""

    client: Any
    operation: str

    def paginate(self, **said: Any) -> Iterator[dict[str, Any]]:
        """The pages."""
        yield getattr(self.client, self.operation)(**said)


_NOTHING: Stored = {}


def _rank(value: Typed | None) -> tuple[float, str]:
    ((kind, said),) = (value or {"S": ""}).items()
    return (float(said), "") if kind == "N" else (0.0, said)
