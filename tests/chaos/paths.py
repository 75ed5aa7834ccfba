"""The JSONPath and the intrinsic functions that our state machines use; what they do not use is an error."""

import json
import re
import uuid
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

Value = Callable[[Any, Any], Any]
"""`(input, context)` gives the value."""

_PART = re.compile(r"\.(?P<name>[A-Za-z_][\w-]*)|\[(?P<index>\d+)\]|\[(?P<all>\*)\]|\['(?P<quoted>[^']+)'\]")


class PathFailed(Exception):
    """A path that finds nothing, or a call that cannot be worked out: States.Runtime."""


class Found(NamedTuple):
    """What a path found: one value, or a list of all that matched."""

    many: bool
    values: list[Any]


@cache
def path(text: str) -> Value:
    """A JSONPath, or with `$$` one into the context."""
    root, rest = (1, text[2:]) if text.startswith("$$") else (0, text[1:])
    parts = _parts(text, rest)
    if None not in parts:
        return _straight(root, parts, text)

    def find(said: Any, context: Any) -> Any:
        found = Found(False, [(said, context)[root]])
        for part in parts:
            found = _into(found, part, text)
        return found.values if found.many else found.values[0]

    return find


def _straight(root: int, parts: list[Any], text: str) -> Value:
    """A path with one end, which is nearly every one."""

    def find(said: Any, context: Any) -> Any:
        value = (said, context)[root]
        for part in parts:
            try:
                value = value[part]
            except (KeyError, IndexError, TypeError) as exc:
                raise PathFailed(f"{text} finds nothing") from exc
        return value

    return find


def _parts(text: str, rest: str) -> list[str | int | None]:
    """Names, numbers, and None for all."""
    parts: list[str | int | None] = []
    at = 0
    while at < len(rest):
        match = _PART.match(rest, at)
        if not match:
            raise PathFailed(f"cannot read path {text}")
        if match["all"]:
            parts.append(None)
        else:
            parts.append(int(match["index"]) if match["index"] else match["name"] or match["quoted"])
        at = match.end()
    return parts


def _into(found: Found, part: str | int | None, text: str) -> Found:
    if part is None:
        return Found(True, [inner for value in found.values for inner in _members(value)])
    inner = [value[part] for value in found.values if _has(value, part)]
    if not inner and not found.many:
        raise PathFailed(f"{text} finds nothing")
    return Found(found.many, inner)


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list) else []


def _has(value: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(value, list) and part < len(value)
    return isinstance(value, dict) and part in value


def _unique(values: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept


_INTRINSICS: dict[str, Callable[..., Any]] = {
    "States.Array": lambda *values: list(values),
    "States.ArrayContains": lambda values, value: value in values,
    "States.ArrayGetItem": lambda values, number: values[number],
    "States.ArrayLength": len,
    "States.ArrayUnique": _unique,
    "States.Format": lambda text, *values: str(text).format(*values),
    "States.JsonMerge": lambda left, right, _deep: {**left, **right},
    "States.JsonToString": lambda value: json.dumps(value, separators=(",", ":")),
    "States.MathAdd": lambda left, right: left + right,
    "States.StringToJson": json.loads,
    "States.UUID": lambda: str(uuid.UUID(int=0)),
}
_ARGUMENT = re.compile(r"\s*(States\.\w+|\$[^\s,()]*|-?\d+(?:\.\d+)?|'(?:[^'\\]|\\.)*'|true|false|null|[(),])")


@cache
def value(text: str) -> Value:
    """What a key that ends in `.$` says: a path, or an intrinsic function."""
    if not text.startswith("States."):
        return path(text)
    words = [match[1] for match in _ARGUMENT.finditer(text)]
    words.reverse()
    return _call(words)


def _call(words: list[str]) -> Value:
    word = words.pop()
    if word.startswith("$"):
        return path(word)
    if not word.startswith("States."):
        said = word[1:-1] if word.startswith("'") else json.loads(word)
        return lambda *_: said
    if word not in _INTRINSICS:
        raise PathFailed(f"{word} is no intrinsic function that is known here")
    function, arguments = _INTRINSICS[word], []
    words.pop()
    while words[-1] != ")":
        arguments.append(_call(words))
        if words[-1] == ",":
            words.pop()
    words.pop()

    def work(said: Any, context: Any) -> Any:
        try:
            return function(*[argument(said, context) for argument in arguments])
        except (IndexError, TypeError, ValueError) as exc:
            raise PathFailed(f"{word}: {exc}") from exc

    return work


_filled: dict[int, tuple[Any, Value]] = {}


def fill(template: Any, said: Any, context: Any) -> Any:
    """A payload template, filled in. Templates are parts of a definition: each is read once, and kept."""
    known = _filled.get(id(template))
    if known is None:
        known = _filled[id(template)] = (template, _filling(template))
    return known[1](said, context)


def _filling(template: Any) -> Value:
    if isinstance(template, dict):
        inner = [
            (key.removesuffix(".$"), value(said) if key.endswith(".$") else _filling(said))
            for key, said in template.items()
        ]
        return lambda said, context: {key: work(said, context) for key, work in inner}
    if isinstance(template, list):
        works = [_filling(said) for said in template]
        return lambda said, context: [work(said, context) for work in works]
    return lambda *_: template


def placed(said: Any, where: str | None, result: Any) -> Any:
    """ResultPath: the result put into the input, instead of it (`$`), or dropped (null)."""
    if where is None:
        return said
    names = [str(part) for part in _parts(where, where[1:])]
    if not names:
        return result
    made = dict(said)
    inner = made
    for name in names[:-1]:
        inner[name] = dict(inner.get(name, {}))
        inner = inner[name]
    inner[names[-1]] = result
    return made
