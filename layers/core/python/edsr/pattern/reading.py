"""Reads a pattern into branches: an $or makes several, everything else is one."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from edsr.pattern import conditions
from edsr.pattern.branches import Branch, Field
from edsr.pattern.invalid import PatternInvalid, kind, refuse

OR = "$or"
MAX_BRANCHES = 1000
MAX_CHARACTERS = 16_384
MAX_DEPTH = 100
MAX_FIELDS = 256

# Names the reference keeps for itself inside an $or: operators it has, and operators it may get.
_RESERVED = frozenset(conditions.OPERATORS) | frozenset(
    {"=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"}
    | {"date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"}
    | {"ip-address-in-range", "ip-address-not-in-range"}
)
_PLAIN_NAME = re.compile(r"[\w$-]+")

_Fields = dict[str, Field]


class _Place(NamedTuple):
    """Where the reader is: the JSON path of the pattern, the dotted path of the event, the label for people."""

    pattern: str
    event: tuple[str, ...]
    label: tuple[str, ...]
    inside_or: bool = False

    def field(self, name: str) -> "_Place":
        step = f".{name}" if _PLAIN_NAME.fullmatch(name) else f"[{name!r}]"
        return self._replace(pattern=self.pattern + step, event=(*self.event, name), label=(*self.label, name))

    def alternative(self, index: int) -> "_Place":
        pattern, label = f"{self.pattern}.{OR}[{index}]", (*self.label, f"{OR}[{index}]")
        return self._replace(pattern=pattern, label=label, inside_or=True)


def read(pattern: object) -> list[Branch]:
    """The branches of a pattern; PatternInvalid names the place and the reason."""
    _measure(pattern)
    try:
        return _branches(pattern, or_is_a_field=False)
    except PatternInvalid as refusal:
        # Events had fields called $or before patterns had the operator: what only makes sense so is read so.
        try:
            return _branches(pattern, or_is_a_field=True)
        except PatternInvalid:
            raise refusal from None


def _branches(pattern: object, *, or_is_a_field: bool) -> list[Branch]:
    alternatives = _Reader(or_is_a_field).fields(pattern, _Place("$", (), ()), [{}])
    return [Branch(tuple(fields[path] for path in sorted(fields, key=_utf16))) for fields in alternatives]


class _Reader:
    """Adds what it reads to every alternative read so far."""

    def __init__(self, or_is_a_field: bool) -> None:
        self._or_is_a_field = or_is_a_field

    def fields(self, given: object, place: _Place, so_far: list[_Fields]) -> list[_Fields]:
        if not isinstance(given, dict):
            refuse(place.pattern, f"must be an object of fields, not {kind(given)}")
        if not given:
            refuse(place.pattern, "must not be empty: an object names at least one field")
        for name, value in given.items():
            so_far = self._entry(name, value, place, so_far)
        return so_far

    def _entry(self, name: str, value: object, place: _Place, so_far: list[_Fields]) -> list[_Fields]:
        if name == OR and not self._or_is_a_field:
            return self._or(value, place, so_far)
        inner = place.field(name)
        if place.inside_or and name in _RESERVED:
            refuse(inner.pattern, f"'{name}' is reserved inside {OR} and cannot name a field")
        if isinstance(value, dict):
            return self.fields(value, inner, so_far)
        if not isinstance(value, list):
            refuse(inner.pattern, f"must be a list of values or an object of fields, not {kind(value)}")
        return list(_with_field(so_far, _field(value, inner), inner.pattern))

    def _or(self, value: object, place: _Place, so_far: list[_Fields]) -> list[_Fields]:
        where = f"{place.pattern}.{OR}"
        if not isinstance(value, list) or len(value) < 2:
            refuse(where, "must be a list of at least two objects")
        gathered: list[_Fields] = []
        for index, alternative in enumerate(value):
            gathered += self.fields(alternative, place.alternative(index), so_far)
            if len(gathered) > MAX_BRANCHES:
                refuse(where, f"makes more than {MAX_BRANCHES} combinations of alternatives")
        return gathered


def _with_field(so_far: list[_Fields], field: Field, where: str) -> Iterator[_Fields]:
    for fields in so_far:
        if field.path in fields:
            refuse(where, f"'{field.path}' is asked for twice in one alternative; list all its values in one place")
        if len(fields) >= MAX_FIELDS:
            refuse(where, f"is one field too many: an alternative has at most {MAX_FIELDS}")
        yield {**fields, field.path: field}


def _field(value: list[object], place: _Place) -> Field:
    if not value:
        refuse(place.pattern, "must not be empty: list at least one value")
    read = tuple(conditions.read(item, f"{place.pattern}[{index}]") for index, item in enumerate(value))
    return Field(".".join(place.event), ".".join(place.label), value, read)


def _measure(pattern: object) -> None:
    """Refuses what is too deep or too long before anything is read; without recursion, so at any depth."""
    characters = 0
    waiting = [(pattern, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > MAX_DEPTH:
            refuse("$", f"is nested deeper than {MAX_DEPTH} levels")
        characters += _length(value)
        if characters > MAX_CHARACTERS:
            refuse("$", f"is longer than {MAX_CHARACTERS} characters")
        if isinstance(value, dict | list):
            waiting.extend((inner, depth + 1) for inner in (value.values() if isinstance(value, dict) else value))


def _length(value: object) -> int:
    """About the characters of a value in JSON, less those of the values in it."""
    if isinstance(value, str):
        return len(value) + 2
    if isinstance(value, int):
        return 1 + value.bit_length() // 3
    if not isinstance(value, dict):
        return 4
    if not all(isinstance(name, str) for name in value):
        refuse("$", "has a name that is not a string")
    return 2 + sum(len(name) + 3 for name in value)


def _utf16(path: str) -> bytes:
    """The reference sorts paths by UTF-16 unit, and binds arrays in that order."""
    return path.encode("utf-16-be", "surrogatepass")
