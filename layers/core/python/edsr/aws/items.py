"""Items as DynamoDB spells them, and as plain values."""

from decimal import Decimal
from functools import cache
from typing import Any

from edsr.ports import Item


def typed(item: Item) -> dict[str, Any]:
    """As DynamoDB writes it: every value with its type."""
    serialize = _types()[0].serialize
    return {name: serialize(value) for name, value in item.items()}


def plain(item: dict[str, Any]) -> Item:
    """As we read it: plain values, whole numbers."""
    deserialize = _types()[1].deserialize
    return {name: _whole(deserialize(value)) for name, value in item.items()}


def _whole(value: Any) -> Any:
    """Numbers in our items are whole; DynamoDB's library reads them as Decimal, and bytes as a class of its own. Any
    other number stays one, so that a record in which somebody wrote it does not read as what it was before."""
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else value
    if isinstance(value, _types()[2]):
        return bytes(value)
    if isinstance(value, dict):
        return {key: _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list) else value


@cache
def _types() -> tuple[Any, Any, Any]:
    from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

    return TypeSerializer(), TypeDeserializer(), Binary
