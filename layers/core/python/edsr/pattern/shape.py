"""Finds the values of many paths in one event, walking through each object they share only once."""

from typing import Final

from edsr.pattern.events import has_dotted_name

ABSENT: Final = object()
TANGLED: Final = object()
_UNKNOWN: Final = object()


class Shape:
    """The objects that hold the values of given dotted paths, numbered in the order given."""

    def __init__(self, paths: list[str]) -> None:
        self._numbers = {"": 0}
        self.parents: list[tuple[int, str]] = [(0, "")]
        self.fields = [self._split(path) for path in paths]

    def _split(self, path: str) -> tuple[int, str]:
        """The number of the object that holds a path's value, and the value's name in it."""
        owner, dot, name = path.rpartition(".")
        return (self._number(owner), name) if dot else (0, name)

    def _number(self, path: str) -> int:
        key = f".{path}"
        if key not in self._numbers:
            parent = self._split(path)
            self._numbers[key] = len(self.parents)
            self.parents.append(parent)
        return self._numbers[key]

    def of(self, event: dict[str, object]) -> "Lookup":
        return Lookup(self, event)


class Lookup:
    """The values of one event under the paths of a shape, found when asked for."""

    __slots__ = ("_objects", "_shape")

    def __init__(self, shape: Shape, event: dict[str, object]) -> None:
        self._shape = shape
        self._objects: list[object] = [_UNKNOWN] * len(shape.parents)
        self._objects[0] = _untangled(event)

    def value(self, number: int) -> object:
        """The scalar or list there; ABSENT; or TANGLED where arrays or dotted names lie on the way."""
        parent, name = self._shape.fields[number]
        owner = self._objects[parent]
        if owner is _UNKNOWN:
            owner = self._object(parent)
        if isinstance(owner, dict):
            value = owner.get(name, ABSENT)
            return ABSENT if isinstance(value, dict) else value
        return owner

    def _object(self, number: int) -> object:
        parent, name = self._shape.parents[number]
        owner = self._objects[parent]
        if owner is _UNKNOWN:
            owner = self._object(parent)
        if isinstance(owner, dict):
            owner = _untangled(owner.get(name, ABSENT))
        self._objects[number] = owner
        return owner


def _untangled(value: object) -> object:
    """The value where it is a plain object with undotted names; else ABSENT, or TANGLED if there may be more to it."""
    if not isinstance(value, dict):
        return TANGLED if isinstance(value, list) else ABSENT
    return TANGLED if has_dotted_name(value) else value
