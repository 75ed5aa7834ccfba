"""Where things stand in a document's text: the line of a JSON path."""

import json
import re
from collections.abc import Iterator

from infra.lint.problem import Location

_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"\s*")


def line_of(text: str, at: Location) -> int:
    """The line on which the value at a path begins; where there is none, that of the nearest value around it."""
    position = _past_space(text, 0)
    for step in at:
        inner = next((place for name, place in _children(text, position) if name == step), None)
        if inner is None:
            break
        position = inner
    return text.count("\n", 0, position) + 1


def twin(text: str) -> tuple[Location, int]:
    """The path and the line of the first key that an object of a document has already."""
    waiting: list[tuple[Location, int]] = [((), _past_space(text, 0))]
    while waiting:
        at, position = waiting.pop()
        seen: set[int | str] = set()
        for name, place in _children(text, position):
            if name in seen:
                return (*at, name), text.count("\n", 0, place) + 1
            seen.add(name)
            waiting.append(((*at, name), place))
    return (), 1


def _children(text: str, position: int) -> Iterator[tuple[int | str, int]]:
    """The name or index of each value in the object or list that begins here, and where it begins."""
    opening = text[position : position + 1]
    if opening not in ("{", "["):
        return
    number, position = 0, _past_space(text, position + 1)
    while text[position] not in "}]":
        name: int | str = number
        if opening == "{":
            name, position = _DECODER.raw_decode(text, position)
            position = _past_space(text, _past_space(text, position) + 1)
        yield name, position
        _, position = _DECODER.raw_decode(text, position)
        position = _past_space(text, position)
        if text[position] == ",":
            position = _past_space(text, position + 1)
        number += 1


def _past_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position
