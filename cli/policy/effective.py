"""A document's effective values: what it says, and the defaults of what it leaves out, with their meaning."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel


class Value(NamedTuple):
    """One value: where, what it is, whether the document says it or it is the default, and what it means."""

    path: str
    value: str
    said: bool
    means: str


def values(
    document: BaseModel, *, without: frozenset[str] = frozenset(), path: str = "", said: bool = True
) -> Iterator[Value]:
    """Every value of a document in the order of its model; models inside it are gone into, all else is one value."""
    for name, field in type(document).model_fields.items():
        if name in without:
            continue
        key, inner = field.alias or name, getattr(document, name)
        place, given = f"{path}.{key}" if path else key, said and name in document.model_fields_set
        if isinstance(inner, BaseModel):
            yield from values(inner, path=place, said=given)
        else:
            dumped = document.model_dump(mode="json", by_alias=True, include={name})[key]
            yield Value(place, _text(dumped), given, field.description or "")


def _text(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
