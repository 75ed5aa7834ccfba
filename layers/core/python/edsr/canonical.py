"""One form for one value: what is hashed is the same bytes on every machine."""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def plain(value: Any) -> Any:
    """Make a JSON value hashable in one way only: floats become decimal strings, text becomes NFC.

    A float has many spellings (1.0, 1, 1e0) and none of them survives every JSON library.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    if isinstance(value, float | Decimal):
        return str(Decimal(repr(value)) if isinstance(value, float) else value)
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} has no canonical form: use text, integers, lists and maps")


def canonical(value: Any) -> bytes:
    """The bytes that are hashed: sorted keys, UTF-8, NFC, no floats (TypeError), no spaces."""
    _refuse_floats(value)
    text = json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", errors="surrogatepass")


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float: write integers or decimal strings")
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
