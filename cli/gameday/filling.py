"""Filling in what a scenario leaves open: ${name} in its texts, and what differs from a document."""

import re
from collections.abc import Mapping
from typing import Any

from cli.errors import Unavailable

OPEN = re.compile(r"\$\{([a-z][a-z0-9-]*)\}")


def fill(said: Any, kept: Mapping[str, Any], *, but: frozenset[str] = frozenset()) -> Any:
    """The same with every ${name} filled in, but for some names; a text that is nothing else becomes the value."""
    if isinstance(said, dict):
        return {fill(name, kept, but=but): fill(value, kept, but=but) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [fill(value, kept, but=but) for value in said]
    if not isinstance(said, str):
        return said
    if (whole := OPEN.fullmatch(said)) and whole[1] not in but:
        return _value(whole[1], kept)
    return OPEN.sub(lambda found: found[0] if found[1] in but else str(_value(found[1], kept)), said)


def _value(name: str, kept: Mapping[str, Any]) -> Any:
    if name not in kept:
        raise Unavailable(f"${{{name}}} is not known there: known are {', '.join(sorted(kept))}")
    return kept[name]


def merged(first: Any, then: Any) -> Any:
    """The first, changed key by key; what is no object is replaced, and null takes a key out."""
    if not (isinstance(first, dict) and isinstance(then, dict)):
        return then
    both = {name: merged(first[name], then[name]) if name in then else first[name] for name in first}
    return {
        name: value
        for name, value in (both | {n: then[n] for n in then.keys() - first.keys()}).items()
        if value is not None
    }
