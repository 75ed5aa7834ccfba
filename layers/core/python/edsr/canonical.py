"""One form for one value: what is hashed is the same bytes on every machine."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_GREATEST = 10**38 - 1
"""DynamoDB holds 38 digits of a number."""


def plain(value: Any) -> Any:
    """Make a JSON value hashable in one way only: floats become decimal strings, text becomes NFC.

    A float has many spellings (1.0, 1, 1e0) and none of them survives every JSON library; integers that DynamoDB
    cannot hold become text too. Raises ValueError when two keys are one in NFC: which of them counts would be chance.
    """
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return str(value) if isinstance(value, int) and abs(value) > _GREATEST else value
    if isinstance(value, float | Decimal):
        return str(Decimal(repr(value)) if isinstance(value, float) else value)
    if isinstance(value, Mapping):
        return _map(value)
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form: use text, integers, lists and maps")


def canonical(value: Any) -> bytes:
    """The bytes that are hashed: sorted keys, UTF-8, NFC, no floats (TypeError), no spaces.

    Raises ValueError for what is not Unicode text (half a surrogate pair): no store and no queue takes it.
    """
    _refuse_floats(value)
    return written(plain(value))


def written(value: Any) -> bytes:
    """The bytes of a value that has its canonical form already; any other value has other bytes, or none (TypeError).

    Nothing is normalised, so text in another normal form, or a number in place of its decimal string, shows.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _map(value: Mapping[Any, Any]) -> dict[str, Any]:
    made = {plain(str(key)): plain(inner) for key, inner in value.items()}
    if len(made) != len(value):
        raise ValueError(f"two keys of a map are the same text: {', '.join(sorted(map(str, value)))}")
    return made


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: write integers or decimal strings")
    if isinstance(value, str | int):
        return
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
